import { gradients, Input, layers, Model, Sequential, tensor, zeros } from 'fovea';
import { expect, test } from 'vitest';
import { placeholder } from '../../ts/symbolic.ts';
import { compileFunction, Trace } from '../../ts/trace.ts';

const { BatchNormalization, Conv2D, Dense, Dropout, Flatten } = layers;

test('a traced step learns, moves statistics and keys, and adds penalties', async () => {
  const model = new Sequential([
    Input([6, 6, 1]),
    // Positive weights: a filter that no input wakes would learn nothing.
    new Conv2D(2, 3, { activation: 'relu', kernelInitializer: 'ones', kernelRegularizer: 'l2' }),
    new BatchNormalization(),
    new Dropout(0.5, { seed: 1 }),
    new Flatten(),
    new Dense(1),
  ]);
  const x = placeholder([4, 6, 6, 1]);
  const before = await Promise.all(model.variables.map((variable) => variable.array()));
  const { result, assigned } = Trace.run(() => {
    const penalties = model.losses.length;
    const error = model(x, { training: true }).sub(1).square().mean();
    const loss = model.losses.reduce((sum, penalty) => sum.add(penalty), error);
    const variables = model.trainableVariables;
    for (const [index, gradient] of gradients(loss, variables).entries()) {
      variables[index]!.assign(variables[index]!.sub(gradient.mul(0.05)));
    }
    return { loss, penalties };
  });
  expect(result.penalties).toBe(1);
  expect(new Set(assigned.keys())).toEqual(new Set(model.variables));

  const step = await compileFunction({ inputs: [x], outputs: [result.loss], assigned, guard: result.loss });
  const data = zeros([4, 6, 6, 1]).add(tensor([0, 1, 2, 3]).reshape([4, 1, 1, 1]));
  await data.data();
  await step.ready();
  await step.plan.run([data.buffer!, ...step.operands]);
  const after = await Promise.all(model.variables.map((variable) => variable.array()));
  for (const [index, value] of after.entries()) expect(value).not.toEqual(before[index]);
});

test('building a model moves nothing', async () => {
  const x = Input([4]);
  const normalize = new BatchNormalization();
  const dropout = new Dropout(0.5, { seed: 3 });
  const state = await dropout.seedGenerator.state.array();
  new Model(x, dropout(normalize(x, { training: true }), { training: true }));
  expect(await normalize.movingVariance.array()).toEqual([1, 1, 1, 1]);
  expect(await dropout.seedGenerator.state.array()).toEqual(state);
});
