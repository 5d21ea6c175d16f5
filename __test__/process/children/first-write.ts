// Prints by how many MB the peak of memory grows when a step writes two variables of 128 MB for the first time.
import { peakRssMB } from '../../../bench/fovea/process-memory.ts';
import { ones, Variable, zeros } from '../../../ts/tensor.ts';
import { compileFunction, Trace } from '../../../ts/trace.ts';

const shape = [32, 1024, 1024];
const weights = new Variable({ initial: () => ones(shape) });
const momentum = new Variable({ initial: () => zeros(shape) });
const { result, assigned } = Trace.run(() => {
  momentum.assign(momentum.add(2));
  weights.assign(weights.add(momentum));
  return weights.mean();
});
const step = await compileFunction({ inputs: [], outputs: [result], assigned });
await step.ready();
const before = peakRssMB();
const [mean] = await step.plan.run(step.operands);
const grown = peakRssMB() - before;
console.log(JSON.stringify({ mean: [...new Float32Array(mean!.bytes().slice().buffer)], grown }));
