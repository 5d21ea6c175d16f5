import { readFileSync } from 'node:fs';
import { Input, layers, losses, Model, ops, optimizers, Sequential, type Tensor } from 'fovea';
import { options, type Recorded, restore } from '../layers/recordings.ts';

/** Names of the recorded arrays: one, several in order, by name, or none. */
export type Names = string | string[] | Record<string, string> | null;

/** A part of a run: what is frozen before it, whether it is compiled anew, and its steps. */
export interface Phase {
  freeze?: string[];
  unfreeze?: string[];
  compile?: boolean;
  steps: number;
}

/** What recorded runs have in common. */
export interface Run {
  name: string;
  model: keyof typeof networks;
  x: Names;
  y: Names;
  compile: Record<string, unknown>;
  arguments: Record<string, unknown>;
  initial: Recorded[];
  final: Recorded[];
}

const url = new URL('../recordings/curves.json', import.meta.url);
const { data } = JSON.parse(readFileSync(url, 'utf8')) as { data: Record<string, Recorded> };

/** The recorded arrays of some names, nested as the names are; of some rows if given. */
export function pick(names: Names, rows?: Tensor): never {
  const one = (name: string) => {
    const whole = restore(data[name]!);
    return rows === undefined ? whole : ops.gather(whole, rows);
  };
  if (names === null) return undefined as never;
  if (typeof names === 'string') return one(names) as never;
  if (Array.isArray(names)) return names.map(one) as never;
  return Object.fromEntries(Object.entries(names).map(([key, name]) => [key, one(name)])) as never;
}

const norm = (w: Tensor, axis: number) => w.square().sum(axis, { keepdims: true }).sqrt().add(1e-7);

const normalized = () =>
  new Sequential([
    Input([6, 5, 2]),
    new layers.Conv2D(4, 3, {
      padding: 'same',
      useBias: false,
      kernelRegularizer: { className: 'L2', config: { l2: 0.01 } },
      name: 'conv',
    }),
    new layers.BatchNormalization({ momentum: 0.9, name: 'norm' }),
    new layers.ReLU(),
    new layers.Conv2D(3, [1, 2], {
      strides: 2,
      activityRegularizer: { className: 'L2', config: { l2: 0.02 } },
      biasRegularizer: { className: 'L1', config: { l1: 0.01 } },
      name: 'narrow',
    }),
    new layers.Flatten(),
    new layers.Dense(3, { kernelRegularizer: { className: 'L1L2', config: { l1: 0.001, l2: 0.002 } }, name: 'head' }),
  ]);

const dense = () =>
  new Sequential([
    Input([8]),
    new layers.Dense(6, { activation: 'tanh', name: 'first' }),
    new layers.Dense(5, { activation: 'relu', name: 'second' }),
    new layers.Dense(3, { activation: 'softmax', name: 'head' }),
  ]);

/** Constraints by Keras's formulas: what is tested here is when training applies them. */
function constrained() {
  const model = dense();
  const [first, second, head] = model.layers as layers.Dense[];
  first!.kernel.constraint = (w) => w.mul(ops.clip(norm(w, 0), 0, 0.8).div(norm(w, 0)));
  second!.bias!.constraint = (w) => w.mul(w.greaterEqual(0).cast('float32'));
  head!.kernel.constraint = (w) => w.div(norm(w, 0));
  return model;
}

class Penalty extends layers.Layer {
  override call(x: Tensor): Tensor {
    this.addLoss(x.square().mean());
    return x;
  }
}

const penalized = () =>
  new Sequential([
    Input([8]),
    new layers.Dense(4, { kernelRegularizer: { className: 'L2', config: { l2: 0.1 } }, name: 'first' }),
    new Penalty(),
    new layers.Dense(3, {
      biasRegularizer: { className: 'L1', config: { l1: 0.05 } },
      activityRegularizer: { className: 'L2', config: { l2: 0.1 } },
      name: 'head',
    }),
  ]);

function branched() {
  const image = Input([6, 5, 2], { name: 'image' });
  const extra = Input([8], { name: 'extra' });
  const x = new layers.Flatten()(new layers.Conv2D(3, 2, { activation: 'relu', name: 'conv' })(image));
  const side = new layers.Dense(4, { activation: 'tanh', name: 'side' })(extra);
  const both = new layers.Concatenate()([x, side]);
  const kind = new layers.Dense(3, { activation: 'softmax', name: 'kind' })(both);
  return new Model([image, extra], [kind, new layers.Dense(1, { name: 'size' })(both)]);
}

function masked() {
  const sequence = Input([4, 2], { name: 'sequence' });
  return new Model(sequence, new layers.Dense(3, { name: 'step' })(new layers.Masking({ name: 'mask' })(sequence)));
}

function keyed() {
  const flat = Input([8], { name: 'flat' });
  const x = new layers.Dense(4, { activation: 'tanh', name: 'first' })(flat);
  const size = new layers.Dense(1, { name: 'second' })(x);
  return new Model(flat, { size, kind: new layers.Dense(3, { activation: 'softmax', name: 'third' })(x) });
}

/** The networks of the recorder. */
const networks = { normalized, dense, constrained, penalized, branched, masked, keyed };

const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Names of losses and metrics in camelCase. */
function words(value: unknown): unknown {
  if (typeof value === 'string') return camel(value);
  if (Array.isArray(value)) return value.map(words);
  if (typeof value !== 'object' || value === null) return value;
  if ('class_name' in value) return losses.get(options({ value }).value as losses.LossLike);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, words(part)]));
}

/** Compiles a model as the recorder did. */
export function compile(model: Model, run: Run, sgd: Record<string, unknown>): void {
  const given = Object.fromEntries(Object.entries(run.compile).map(([key, value]) => [camel(key), words(value)]));
  model.compile({ optimizer: new optimizers.SGD(options(sgd)), ...given });
}

/** The network of a run with its first weights. */
export function network(run: Run): Model {
  const model = networks[run.model]();
  model.setWeights(run.initial.map(restore));
  return model as Model;
}
