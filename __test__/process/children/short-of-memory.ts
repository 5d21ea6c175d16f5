// With an address space of 40 GiB: asks for tensors that do not fit, then computes one that does.
import { tensor, zeros } from '../../../ts/tensor.ts';

const code = (error: { code: string }) => error.code;
const whole = await zeros([2 ** 18, 2 ** 16])
  .data()
  .then(String, code);
const temporary = await zeros([2 ** 18, 2 ** 16])
  .add(tensor([1]))
  .max()
  .item()
  .then(String, code);
console.log(whole, temporary, await tensor(1).add(1).item());
