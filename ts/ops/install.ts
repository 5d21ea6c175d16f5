import { Tensor } from '../tensor/tensor.ts';
import { methods } from './methods.ts';

// Each op is defined once, as a function; here it becomes a method of tensors.
for (const [name, op] of Object.entries(methods)) {
  const method = function (this: Tensor, ...rest: unknown[]) {
    return (op as (...args: unknown[]) => unknown)(this, ...rest);
  };
  Object.defineProperty(method, 'name', { value: name });
  Object.defineProperty(Tensor.prototype, name, { value: method, writable: true, configurable: true });
}
