import table from '../networks.json' with { type: 'json' };
import type { Turns } from './trainer.ts';

/** The networks that are measured. */
export type Net = keyof typeof table;

/** Height, width and channels. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** What every side has to know of a network besides its layers. */
export interface Facts {
  readonly image: ImageShape;
  readonly classes: number;
  /** Whether labels are one-hot rows, else numbers. */
  readonly oneHot: boolean;
  /** Images of a training step. */
  readonly batch: number;
  readonly optimizer: 'adam' | 'rmsprop';
  /** Learning rate. */
  readonly rate: number;
  /** How many times Fovea's time the best peer shall take for a training step. */
  readonly target: number;
  /** Those of `nets`, and the steps before the first turn. */
  readonly turns: Required<Turns> & { readonly warm: number };
  /** How many predictions of one image a turn of `infer` has: a few tenths of a second, or more. */
  readonly calls: number;
  /** The image that `--smoke` takes instead. */
  readonly smoke: ImageShape;
}

const facts = table as unknown as Readonly<Record<Net, Facts>>;

/** All of them, the small ones first. */
export const allNets = Object.keys(table) as Net[];

/** What a training step is measured on if no network is named, by benchmarks that do not take all. */
export const smallNets: readonly Net[] = ['mnist', 'notebook'];

/** What mixed precision is measured on if no network is named. */
export const mixedNets: readonly Net[] = ['vgg16', 'resnet50'];

/** Whether there is a network of that name. */
export const isNet = (name: string): name is Net => Object.hasOwn(facts, name);

/** What is to be known of a network; a smoke test takes a small image, two of them, and one step. */
export function factsOf(net: Net, smoke = false): Facts {
  const known = facts[net];
  if (!smoke) return known;
  return { ...known, image: known.smoke, batch: 2, turns: { rounds: 1, steps: 1, idle: 1, warm: 1 }, calls: 1 };
}
