import { gradients, type Model, tensor } from 'fovea';
import { native } from '../../ts/native.ts';
import { placeholder } from '../../ts/symbolic.ts';
import { type CompiledFunction, compileFunction, Trace } from '../../ts/trace.ts';
import type { ImageShape, Net } from '../harness/networks.ts';
import { randomRows } from './data.ts';
import type { Network } from './networks.ts';

/** What comes in. */
export interface Setting {
  readonly net: Net;
  readonly batch: number;
  /** Height, width and channels; the network's own if left out. */
  readonly image?: ImageShape | undefined;
}

/**
 * Prepares so many steps: making data is not what is measured. What it gives runs them, and resolves to a number that is
 * finite if all is well: the loss of the last step (of `fit` the epoch's mean, of `predict` the last output).
 */
export type Runnable = (steps: number) => () => Promise<number>;

/** How steps are run. */
export type Face = (network: Network, setting: Setting) => Promise<Runnable>;

/**
 * The bare step: forward, loss, gradients and optimizer in one plan, run natively over rows in memory.
 * No metrics, no shuffling, no callbacks: what the loops of the peers do.
 */
export async function bareStep(
  { model, optimizer, loss }: Network,
  { net, batch, image }: Setting,
): Promise<{ step: CompiledFunction; run: Runnable }> {
  const one = randomRows(net, 1, batch, image);
  const x = placeholder([...one.imageShape]);
  const y = placeholder([...one.labelShape], one.labels instanceof Int32Array ? 'int32' : 'float32');
  optimizer.build(model.trainableVariables);
  const { result, assigned } = Trace.run(() => {
    const value = loss(y, model(x, { training: true }));
    const variables = model.trainableVariables;
    optimizer.apply(gradients(value, variables), variables);
    return value;
  });
  const step = await compileFunction({ inputs: [x, y], outputs: [result], assigned, guard: result });
  const { plan, operands } = step;
  const run = remembered((steps) => {
    const { images, imageShape, labels, labelShape } = randomRows(net, steps, batch, image);
    const end = steps * batch;
    const data = [buffer('float32', imageShape, images), buffer(y.dtype, labelShape, labels)];
    return async () => {
      await step.ready();
      const source = native().NativeSource.tensors({ data, begin: 0, end, batchSize: batch, plan, operands });
      const { logs } = await native().runEpoch({ source, steps: 0, collect: false });
      return logs[0]!;
    };
  });
  return { step, run };
}

const bare: Face = async (network, setting) => (await bareStep(network, setting)).run;

/** `fit` as people call it: one epoch, shuffled, with accuracy and the progress bar. */
const fit: Face = async ({ model, optimizer, loss }, { net, batch, image }) => {
  model.compile({ optimizer, loss, metrics: ['accuracy'] });
  return remembered((steps) => {
    const { images, imageShape, labels, labelShape } = randomRows(net, steps, batch, image);
    const x = tensor(images, { shape: imageShape });
    const y = tensor(labels, { shape: labelShape });
    return async () => {
      const { history } = await model.fit(x, y, { batchSize: batch, epochs: 1, shuffle: true, verbose: 1 });
      return history.loss![0]!;
    };
  });
};

/** `predict` as people call it, once for each step, of the same images. */
const predict: Face = async ({ model }, { net, batch, image }) => {
  const { images, imageShape } = randomRows(net, 1, batch, image);
  const x = tensor(images, { shape: imageShape });
  return (steps) => async () => {
    let last = Number.NaN;
    for (let i = 0; i < steps; i++) {
      const output = await model.predict(x, { batchSize: batch, verbose: 0 });
      last = (await output.data()).at(-1)!;
    }
    return last;
  };
};

/** Every face by its name on the command line. */
export const faces = { bare, fit, predict } as const satisfies Record<string, Face>;

/** How many numbers a model learns. */
export const parameters = (model: Model): number => model.trainableVariables.reduce((sum, { size }) => sum + size, 0);

function buffer(dtype: string, shape: readonly number[], values: Float32Array | Int32Array) {
  const type = native().internType(dtype, [...shape]);
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
