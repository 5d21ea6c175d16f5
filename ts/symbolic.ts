import { leaf } from './tensor/node.ts';
import { Tensor } from './tensor/tensor.ts';
import { checkDType, checkShape, type DType, type Shape, typeId } from './tensor/types.ts';

/** A tensor without values, of which a model or a trace is made; `null` sides are still unknown. */
export function placeholder(shape: Shape, dtype: DType = 'float32', name = ''): Tensor {
  const type = typeId(checkDType('Input', dtype), checkShape('Input', shape, true));
  const node = leaf('placeholder', { name });
  const symbol = new Tensor(node, 0, type, true, true);
  node.outputs = [symbol];
  return symbol;
}
