import type { NativeBuffer } from '../../ts/native.ts';
import { leaf } from '../../ts/tensor/node.ts';
import { nested, toData } from '../../ts/tensor/read.ts';
import { Tensor } from '../../ts/tensor.ts';

/** A plan's output as nested arrays. */
export function fromBuffer(buffer: NativeBuffer): unknown {
  const t = new Tensor(leaf('data'), 0, buffer.type);
  t.buffer = buffer;
  return nested(toData(t) as Float32Array, t);
}
