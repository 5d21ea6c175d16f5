import { FoveaError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type AttributesOf, reapply } from './apply.ts';

/**
 * How many axes there are between batch and channels.
 *
 * @throws FoveaError `SHAPE_MISMATCH` unless there are `wanted` of them, or one to three
 */
export function spaceOf(where: string, x: Tensor, wanted?: number): number {
  const axes = x.rank - 2;
  if (wanted === undefined ? axes >= 1 && axes <= 3 : axes === wanted) return axes;
  const count = wanted === undefined ? 'one to three axes' : wanted === 1 ? 'one axis' : `${wanted} axes`;
  throw new FoveaError(
    'SHAPE_MISMATCH',
    `${where}: expected an input [batch, …, channels] with ${count} between; received ${x}.`,
    where,
  );
}

/** A convolution along as many axes as there are strides. Along two it is an op with a kernel of its own. */
export function convolution(x: Tensor, kernel: Tensor, attributes: AttributesOf<'conv'>): Tensor {
  return reapply(attributes.strides.length === 2 ? 'conv2d' : 'conv', attributes, [x, kernel])[0]!;
}

const pools = {
  max: { images: 'maxPool2d', any: 'maxPool', adaptive: 'adaptiveMaxPool' },
  average: { images: 'avgPool2d', any: 'averagePool', adaptive: 'adaptiveAveragePool' },
} as const;

/** What a pool makes of its window. */
export type PoolKind = keyof typeof pools;

/** A pooling along as many axes as the pool has. Along two it is an op with a kernel of its own. */
export function pooling(kind: PoolKind, x: Tensor, attributes: AttributesOf<'maxPool'>): Tensor {
  const { images, any } = pools[kind];
  return reapply(attributes.poolSize.length === 2 ? images : any, attributes, [x])[0]!;
}

/** A pooling to so many windows along each axis. */
export function adaptivePooling(kind: PoolKind, x: Tensor, outputSize: readonly number[]): Tensor {
  return reapply(pools[kind].adaptive, { outputSize }, [x])[0]!;
}
