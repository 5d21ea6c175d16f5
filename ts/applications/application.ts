import type { ActivationLike } from '../activations/index.ts';
import { badArgument, FoveaError, flag, oneOf, shown } from '../errors.ts';
import { Dense, GlobalAveragePooling2D, GlobalMaxPooling2D, Input } from '../layers/index.ts';
import { Model } from '../models/index.ts';
import { positiveInteger, unknownOption } from '../options.ts';
import type { Shape, Tensor } from '../tensor.ts';

/** Options of every ready-made network. */
export interface ApplicationOptions {
  /**
   * `null`: random weights, as layers make them. Keras's default is `'imagenet'`, which Fovea has not, so that it has to
   * be said.
   */
  weights: null;
  /** Whether the network ends in its classifier, `true` if left out. */
  includeTop?: boolean | undefined;
  /** Height, width and channels; the network's own size with 3 channels if left out, any size without its top. */
  inputShape?: Shape | null | undefined;
  /** Without the top: the mean (`'avg'`) or the largest (`'max'`) of each channel instead of the image; the image if left out. */
  pooling?: 'avg' | 'max' | null | undefined;
  /** How many classes the classifier tells apart, 1000 if left out. */
  classes?: number | undefined;
  /** Of the classifier, `'softmax'` if left out; `null` gives the logits. */
  classifierActivation?: ActivationLike | null | undefined;
  /** The network's own if left out. */
  name?: string | undefined;
}

const names = [
  'weights',
  'includeTop',
  'inputShape',
  'pooling',
  'classes',
  'classifierActivation',
  'name',
] as const satisfies (keyof ApplicationOptions)[];

/** What makes a network what it is; the options decide the rest. */
export interface Architecture {
  /** The function that users call, for messages. */
  readonly where: string;
  /** The name of its models, which may depend on the input's shape. */
  readonly name: string | ((inputShape: Shape) => string);
  /** Its own height and width. */
  readonly size: number;
  /** The least height and width that it takes. */
  readonly least: number;
  /** What it has of options beside {@link ApplicationOptions}. */
  readonly options?: readonly string[];
  /** From the image to its last features, [batch, height, width, channels]. */
  readonly body: (image: Tensor) => Tensor;
  /** From the last features to what the classifier sees. */
  readonly neck: (features: Tensor) => Tensor;
  /** Names of the pooling layers that stand in the place of the top; automatic if left out. */
  readonly pools?: { readonly avg: string; readonly max: string };
}

/**
 * The model of an architecture for what the user asked for.
 *
 * @throws FoveaError `UNSUPPORTED` for weights other than `null`; `BAD_ARGUMENT` for an option that there is not, or an
 * input shape that does not fit
 */
export function assemble(architecture: Architecture, options: ApplicationOptions): Model<Tensor, Tensor> {
  const { where, body, neck, pools } = architecture;
  unknownOption(where, options, [...names, ...(architecture.options ?? [])]);
  checkWeights(where, options);
  const top = flag(where, 'includeTop', options.includeTop ?? true);
  const classes = positiveInteger(where, 'classes', options.classes ?? 1000);
  const pooling = options.pooling == null ? null : oneOf(where, 'pooling', options.pooling, ['avg', 'max']);
  const inputShape = shapeOf(architecture, options.inputShape ?? null, top);
  const image = Input(inputShape);
  let x = body(image);
  if (top) {
    const { classifierActivation: activation = 'softmax' } = options;
    x = new Dense(classes, { activation, name: 'predictions' })(neck(x));
  } else if (pooling === 'avg') {
    x = new GlobalAveragePooling2D({ name: pools?.avg })(x);
  } else if (pooling === 'max') {
    x = new GlobalMaxPooling2D({ name: pools?.max })(x);
  }
  const own = typeof architecture.name === 'string' ? architecture.name : architecture.name(inputShape);
  return new Model({ inputs: image, outputs: x, name: options.name ?? own });
}

function checkWeights(where: string, options: { weights?: unknown }): void {
  // What is left out is Keras's default: random weights must not pass for trained ones.
  const weights = options.weights === undefined ? 'imagenet' : options.weights;
  if (weights === null) return;
  const sentence = `${where}: Fovea has no pretrained weights yet: { weights: null } makes random ones; received ${shown(weights)}.`;
  throw new FoveaError('UNSUPPORTED', sentence, where);
}

/** Height, width and channels of the input, as Keras settles them. */
function shapeOf({ where, size, least }: Architecture, given: Shape | null, top: boolean): Shape {
  if (given === null) return top ? [size, size, 3] : [null, null, 3];
  const isSide = (side: unknown) => side === null || (Number.isInteger(side) && (side as number) >= least);
  const [height, width, channels] = Array.isArray(given) ? given : [];
  const fits = given.length === 3 && isSide(height) && isSide(width) && Number.isInteger(channels);
  if (!fits) {
    const wanted = `[height, width, channels] with sides of at least ${least}`;
    throw badArgument(where, `inputShape must be ${wanted}; received ${shown(given)}.`);
  }
  if (top && given.includes(null))
    throw badArgument(where, `inputShape must be known entirely if the top is included; received ${shown(given)}.`);
  return given;
}
