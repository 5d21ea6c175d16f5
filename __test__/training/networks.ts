import { createHash } from 'node:crypto';
import { datasets, Input, layers, losses, type Model, optimizers, Sequential, type Tensor, tensor } from 'fovea';
import { numbers, options, type Recorded } from '../layers/recordings.ts';

/** A part by its class and options, as the recorder wrote it. */
interface Part {
  class: string;
  options: Record<string, unknown>;
}

/** A recorded run of training. */
export interface Recording {
  name: string;
  layers: Part[];
  optimizer: Part;
  oneHot: boolean;
  batches: Recorded;
  initial: {
    path: string;
    shape: number[];
    fill: 'hash' | 'zeros' | 'ones';
    salt: number;
    limit: number;
    head: Recorded;
  }[];
  /** What each batch measured before its update. */
  loss: Recorded;
  accuracy: Recorded;
  probe: Recorded;
  predictions: Recorded;
  float64: { loss: Recorded; accuracy: Recorded; predictions: Recorded };
  rounding: { loss: Recorded; predictions: Recorded };
}

/** The network of a recording, with its initial weights. */
export function network({ layers: parts, initial, ...rest }: Recording): Model {
  const made = parts.map(({ class: name, options: given }) => {
    const Part = (name === 'Input' ? Input : layers[name as 'Dense']) as new (options: object) => layers.Dense;
    return new Part(options(given));
  });
  const model = new Sequential(made);
  model.setWeights(initial.map(weight));
  const { class: name, options: given } = rest.optimizer;
  const Optimizer = optimizers[name as 'SGD'] as new (options: object) => optimizers.SGD;
  const loss = rest.oneHot
    ? new losses.CategoricalCrossentropy()
    : new losses.SparseCategoricalCrossentropy({ fromLogits: true });
  model.compile({ optimizer: new Optimizer(options(given)), loss, metrics: ['accuracy'] });
  return model;
}

/** Initial weights by the recorder's formula. */
function weight({ shape, fill, salt, limit, head }: Recording['initial'][number]): Tensor {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < values.length; i++)
    values[i] = fill === 'zeros' ? 0 : fill === 'ones' ? 1 : hashed(i, salt, limit);
  for (const [i, value] of numbers(head).entries())
    if (values[i] !== value) throw new Error(`weight ${i} is not ${value}`);
  return tensor(values, { shape });
}

/** Element i of random numbers within ±limit: the formula of the recordings. */
export function hashed(i: number, salt: number, limit: number): number {
  let h = (i + Math.imul(salt, 0x9e3779b9)) >>> 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h = (h ^ (h >>> 16)) >>> 0;
  return (h / 4294967296 - 0.5) * 2 * limit;
}

/** MNIST as the recorder took it: float32 pixels from 0 to 1. */
export async function digits() {
  const { train, test } = await datasets.mnist.load();
  const scaled = (x: Tensor) => x.cast('float32').div(255);
  return { train: { x: scaled(train.x), y: train.y }, test: { x: scaled(test.x), y: test.y } };
}

/** A fingerprint of tensors' bits. */
export async function fingerprint(tensors: readonly Tensor[]): Promise<string> {
  const hash = createHash('sha256');
  for (const t of tensors) {
    const data = await t.data();
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
