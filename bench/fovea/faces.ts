import { gradients, type Model, tensor } from 'fovea';
import { native } from '../../ts/native.ts';
import { placeholder } from '../../ts/symbolic.ts';
import { compileFunction, Trace } from '../../ts/trace.ts';
import type { Net } from '../harness/options.ts';
import { randomRows } from './data.ts';
import type { Network } from './networks.ts';

/**
 * Prepares an epoch of so many steps: making data is not what is measured. What it gives trains them,
 * and resolves to the loss of the last (of `fit`: the epoch's mean).
 */
export type Trainable = (steps: number) => () => Promise<number>;

/** How an epoch is run. */
export type Face = (network: Network, net: Net, batch: number) => Promise<Trainable>;

/**
 * The bare step: forward, loss, gradients and optimizer in one plan, run natively over rows in memory.
 * No metrics, no shuffling, no callbacks: what the loops of the peers do.
 */
export const bare: Face = async ({ model, optimizer, loss }, net, batch) => {
  const x = placeholder([batch, 28, 28, 1]);
  const y = net === 'mnist' ? placeholder([batch], 'int32') : placeholder([batch, 10]);
  optimizer.build(model.trainableVariables);
  const { result, assigned } = Trace.run(() => {
    const value = loss(y, model(x, { training: true }));
    const variables = model.trainableVariables;
    optimizer.apply(gradients(value, variables), variables);
    return value;
  });
  const step = await compileFunction({ inputs: [x, y], outputs: [result], assigned, guard: result });
  const { plan, operands } = step;
  return remembered((steps) => {
    const { images, labels } = randomRows(net, steps, batch);
    const end = steps * batch;
    const data = [buffer('float32', [end, 28, 28, 1], images), buffer(y.dtype, [end, ...y.shape.slice(1)], labels)];
    return async () => {
      await step.ready();
      const source = native().NativeSource.tensors({ data, begin: 0, end, batchSize: batch, plan, operands });
      const { logs } = await native().runEpoch({ source, steps: 0, collect: false });
      return logs[0]!;
    };
  });
};

/** `fit` as people call it: one epoch, shuffled, with accuracy and the progress bar. */
export const fit: Face = async ({ model, optimizer, loss }, net, batch) => {
  model.compile({ optimizer, loss, metrics: ['accuracy'] });
  return remembered((steps) => {
    const { images, labels } = randomRows(net, steps, batch);
    const rows = steps * batch;
    const x = tensor(images, { shape: [rows, 28, 28, 1] });
    const y = tensor(labels, { shape: net === 'mnist' ? [rows] : [rows, 10] });
    return async () => {
      const { history } = await model.fit(x, y, { batchSize: batch, epochs: 1, shuffle: true, verbose: 1 });
      return history.loss![0]!;
    };
  });
};

/** How many numbers a model learns. */
export const parameters = (model: Model): number => model.trainableVariables.reduce((sum, { size }) => sum + size, 0);

function buffer(dtype: string, shape: readonly (number | null)[], values: Float32Array | Int32Array) {
  const type = native().internType(dtype, shape as number[]);
  return native().NativeBuffer.from(type, new Uint8Array(values.buffer));
}

/** Makes a thing once for each number of steps. */
function remembered<T>(make: (steps: number) => T): (steps: number) => T {
  const known = new Map<number, T>();
  return (steps) => {
    const made = known.get(steps) ?? make(steps);
    known.set(steps, made);
    return made;
  };
}
