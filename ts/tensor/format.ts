import type { Data } from './read.ts';
import type { Tensor } from './tensor.ts';
import { type DType, isFloat } from './types.ts';

/** Tensors with more elements than this show the edges only. */
const most = 1000;
/** Elements shown at each edge. */
const edge = 3;

/** The type, then the values in rows; of long axes the first and the last. */
export function formatTensor(t: Tensor, data: Data): string {
  const rows = new Rows(t.shape as readonly number[], data, t.dtype);
  return `${t}\n${rows.text(0, 0)}`;
}

class Rows {
  readonly #shape: readonly number[];
  readonly #data: Data;
  readonly #brief: boolean;
  readonly #show: (x: number) => string;
  readonly #width: number;

  constructor(shape: readonly number[], data: Data, dtype: DType) {
    this.#shape = shape;
    this.#data = data;
    this.#brief = data.length > most;
    this.#show = dtype === 'bool' ? (x) => String(x !== 0) : isFloat(dtype) ? decimal : String;
    this.#width = Math.max(0, ...this.#cells(0, 0).map((text) => text.length));
  }

  /** The indices along an axis that are shown; -1 stands for those left out. */
  #shown(axis: number): number[] {
    const n = this.#shape[axis]!;
    if (!this.#brief || n <= 2 * edge) return Array.from({ length: n }, (_, i) => i);
    return [...Array(edge).keys(), -1, ...Array.from({ length: edge }, (_, i) => n - edge + i)];
  }

  #cells(axis: number, offset: number): string[] {
    if (axis === this.#shape.length) return this.#data.length ? [this.#show(this.#data[offset]!)] : [];
    return this.#shown(axis).flatMap((i) => (i < 0 ? [] : this.#cells(axis + 1, offset * this.#shape[axis]! + i)));
  }

  text(axis: number, offset: number): string {
    if (axis === this.#shape.length)
      return this.#show(this.#data[offset]!).padStart(this.#shape.length ? this.#width : 0);
    const last = axis === this.#shape.length - 1;
    const parts = this.#shown(axis).map((i) => (i < 0 ? '…' : this.text(axis + 1, offset * this.#shape[axis]! + i)));
    const blank = '\n'.repeat(this.#shape.length - axis - 1);
    return `[${parts.join(last ? ', ' : `,${blank}${' '.repeat(axis + 1)}`)}]`;
  }
}

/** As few digits as give six significant ones. */
function decimal(x: number): string {
  return Number.isFinite(x) ? String(Number(x.toPrecision(6))) : String(x);
}
