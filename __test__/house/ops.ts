// Compiles only if ops are applied as their Rust definitions say, and where an error is expected there is one.
import { apply, one } from '../../ts/ops/apply.ts';
import type { Tensor } from '../../ts/tensor.ts';

export function typed(x: Tensor, sides: readonly [number, number]): void {
  apply('avgPool2d', { poolSize: sides, strides: sides, padding: [[0, 1], sides] }, [x]);
  apply('pad', { low: [1], high: [1], interior: [0], value: '-Infinity' }, [x]);
  apply('slice', { begin: [0], end: [null], step: [1] }, [x]);
  apply('cast', { dtype: 'uint8' }, [x]);
  apply('pick', {}, [x, x]);
  one('where', true, x, 0);
  // @ts-expect-error no op
  apply('conv2D', {}, [x]);
  // @ts-expect-error one number for a pair
  apply('avgPool2d', { poolSize: 2, strides: sides, padding: 'same' }, [x]);
  // @ts-expect-error unknown padding
  apply('avgPool2d', { poolSize: sides, strides: sides, padding: 'full' }, [x]);
  // @ts-expect-error an unknown side
  apply('reshape', { shape: [null] }, [x]);
  // @ts-expect-error a missing attribute
  apply('matmul', { transposeA: false }, [x, x]);
  // @ts-expect-error an attribute of none
  apply('relu', { axis: 1 }, [x]);
  // @ts-expect-error unknown dtype
  apply('cast', { dtype: 'float16' }, [x]);
  // @ts-expect-error one operand too few
  apply('add', {}, [x]);
  // @ts-expect-error one operand too many
  one('exp', x, x);
  // @ts-expect-error not an elementwise op without attributes
  one('cast', x);
}
