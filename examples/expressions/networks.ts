import { Input, type Layer, Sequential } from 'fovea';
import { AveragePooling2D, Conv2D, Dense, Dropout, Flatten, MaxPooling2D, Rescaling } from 'fovea/layers';

/** The sides of the images, and how many expressions there are. */
export const side = 48;
export const classes = 7;

/** The convolutions and poolings of each network; `filters` says how many there are where the full network has so many. */
type Body = (filters: (full: number) => number) => Layer[];

const conv = (filters: number, kernelSize: number) => new Conv2D(filters, kernelSize, { activation: 'relu' });
const largest = (poolSize: number) => new MaxPooling2D(poolSize, 2);
const mean = (poolSize: number) => new AveragePooling2D(poolSize, 2);

const bodies = {
  /** Three blocks; the last two have two convolutions. */
  baseline: (n) => [
    ...[conv(n(64), 5), largest(5)],
    ...[conv(n(64), 3), conv(n(64), 3), mean(3)],
    ...[conv(n(128), 3), conv(n(128), 3), mean(3)],
  ],
  /** One convolution a block. */
  net1: (n) => [conv(n(64), 5), largest(5), conv(n(64), 3), mean(3), conv(n(128), 3), mean(3)],
  /** As net1, but each pooling takes the largest. */
  net2: (n) => [conv(n(64), 5), largest(5), conv(n(64), 3), largest(3), conv(n(128), 3), largest(3)],
  /** Two convolutions, and nothing between them: the widest image by far goes into the dense layers. */
  net3: (n) => [conv(n(64), 3), conv(n(128), 3), mean(3)],
  /** As net3, with a pooling between the convolutions. */
  net4: (n) => [conv(n(64), 3), mean(3), conv(n(128), 3), mean(3)],
} satisfies Record<string, Body>;

/** What the networks are called. */
export type NetworkName = keyof typeof bodies;

/** All of them, the baseline first. */
export const networkNames = Object.keys(bodies) as NetworkName[];

/** What {@link expressions} may be told. */
interface ExpressionsOptions {
  /** How many filters and units there are, of those in the full network: 0.5 makes half of them; 1 if left out. */
  width?: number;
  /** Height, width and channels; [48, 48, 1] if left out. */
  inputShape?: readonly number[];
}

/** One of the five networks by itself: float32 images, at best from 0 to 1, to float32 [n, 7], probabilities. */
export function expressions(name: NetworkName, options: ExpressionsOptions = {}): Sequential {
  const { inputShape = [side, side, 1] } = options;
  return new Sequential([Input(inputShape), ...layersOf(name, options)], { name: `expressions_${name}` });
}

/**
 * One of five networks that tell seven expressions in grey images, uint8 [n, 48, 48, 1], not compiled; the output is
 * float32 [n, 7], probabilities. All end in two dense layers of 1024, each with a dropout of 0.2.
 *
 * @param width how many filters and units there are, of those in the full network: 0.5 makes half of them
 */
export function build(name: NetworkName, { width = 1 }: { width?: number } = {}): Sequential {
  const layers = [new Rescaling(1 / 255), ...layersOf(name, { width })];
  return new Sequential([Input([side, side, 1]), ...layers], { name: `expressions_${name}` });
}

function layersOf(name: NetworkName, { width = 1 }: ExpressionsOptions): Layer[] {
  const n = (full: number) => Math.max(1, Math.round(full * width));
  const hidden = () => [new Dense(n(1024), { activation: 'relu' }), new Dropout(0.2)];
  const body: Body = bodies[name];
  return [...body(n), new Flatten(), ...hidden(), ...hidden(), new Dense(classes, { activation: 'softmax' })];
}
