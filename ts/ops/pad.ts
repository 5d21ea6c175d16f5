import { badArgument, oneOf, shown, whole } from '../errors.ts';
import { readOptions } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { apply, type TensorLike, toTensor } from './apply.ts';
import { concat } from './combine.ts';
import { gather, slice } from './slicing.ts';

const modes = ['constant', 'reflect', 'symmetric'] as const;

/** What padding consists of: one number, or what a mirror shows that stands on the edge's values or behind them. */
export type PadMode = (typeof modes)[number];

/** What {@link pad} takes. */
export interface PadOptions {
  /** `'constant'` if left out; `'reflect'` leaves the edge itself out, `'symmetric'` repeats it. */
  mode?: PadMode | undefined;
  /** What stands there with `'constant'`, 0 if left out. */
  value?: number | undefined;
}

/** How much before and after, for all axes or each. */
export type PadWidths = number | readonly [number, number] | readonly (readonly [number, number])[];

/**
 * Puts so many values before and after, along every axis.
 *
 * @throws FoveaError `BAD_ARGUMENT` for more values than a mirror shows: a side, without its edge for `'reflect'`
 * @see https://keras.io/api/ops/numpy/#pad-function
 */
export function pad(
  x: TensorLike,
  padding: PadWidths,
  mode?: PadMode | PadOptions,
  value?: number | PadOptions,
): Tensor {
  const read = readOptions<PadOptions>('pad', ['mode', 'value'], [mode, value]);
  const t = toTensor(x, 'pad');
  const each = widthsOf(t, padding);
  const kind = oneOf('pad', 'mode', read.mode ?? 'constant', modes);
  if (kind === 'constant') {
    const [low, high] = [each.map(([n]) => n), each.map(([, n]) => n)];
    return apply('pad', { low, high, interior: low.map(() => 0), value: read.value ?? 0 }, [t])[0]!;
  }
  if (read.value !== undefined)
    throw badArgument('pad', `value belongs to mode 'constant'; received ${shown(read.value)} and '${kind}'.`);
  return each.reduce((y, sides, axis) => mirrored(y, axis, sides, kind), t);
}

/** Before and after, for each axis. */
function widthsOf(x: Tensor, padding: PadWidths): (readonly [number, number])[] {
  const each = x.shape.map((_, i) => {
    const side: unknown = !Array.isArray(padding)
      ? [padding, padding]
      : Array.isArray(padding[0])
        ? padding[i]
        : padding;
    if (!Array.isArray(side) || side.length !== 2)
      throw badArgument(
        'pad',
        `padding must be a number, [before, after], or that for each axis of ${x}; received ${shown(padding)}.`,
      );
    return side.map((n) => whole('pad', 'padding', n, 0)) as [number, number];
  });
  if (Array.isArray(padding) && Array.isArray(padding[0]) && padding.length !== x.rank)
    throw badArgument('pad', `padding must have one entry for each axis of ${x}; received ${padding.length}.`);
  return each;
}

/** With what mirrors at both ends of an axis show. */
function mirrored(x: Tensor, axis: number, [before, after]: readonly [number, number], mode: PadMode): Tensor {
  if (before === 0 && after === 0) return x;
  const edge = mode === 'reflect' ? 1 : 0;
  const side = x.shape[axis];
  if (typeof side === 'number' && Math.max(before, after) > side - edge)
    throw badArgument(
      'pad',
      `mode '${mode}' shows at most ${Math.max(side - edge, 0)} values at each end of axis ${axis} of ${x}; ` +
        `received [${before}, ${after}].`,
    );
  // What is behind the last values is counted from the end: the side may be unknown while a model is built.
  const last = slice(x, [...Array<null>(axis).fill(null), -(edge + after)]);
  const falling = (count: number, least: number) => Int32Array.from({ length: count }, (_, i) => least + count - 1 - i);
  const parts = [
    ...(before > 0 ? [gather(x, falling(before, edge), axis)] : []),
    x,
    ...(after > 0 ? [gather(last, falling(after, 0), axis)] : []),
  ];
  return concat(parts, axis);
}
