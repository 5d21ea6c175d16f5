import type { Tensor } from '../tensor.ts';
import type { RegularizerFunction } from './get.ts';

/** The penalty on an output, divided by its batch size. */
export function onOutput(regularizer: RegularizerFunction, output: Tensor): Tensor {
  const batch = output.shape[0];
  const penalty = regularizer(output);
  return typeof batch === 'number' && batch > 0 ? penalty.div(batch) : penalty;
}
