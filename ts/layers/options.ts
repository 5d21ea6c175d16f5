import type { InitializerLike } from '../initializers/index.ts';
import type { TensorLike } from '../ops/apply.ts';
import type { RegularizerLike } from '../regularizers/index.ts';
import type { DType, Shape } from '../tensor.ts';

/** Options that every layer knows. */
export interface LayerOptions {
  /** Automatic if left out: the class in snake case, numbered. */
  name?: string | undefined;
  /** Whether training may change the weights. */
  trainable?: boolean | undefined;
  /** What weights hold, float32 if left out. */
  dtype?: DType | undefined;
  /** Of the first layer of a `Sequential`: the input's shape without the batch axis. */
  inputShape?: Shape | undefined;
  /** A penalty on the output, divided by the batch size. */
  activityRegularizer?: RegularizerLike | null | undefined;
}

/** The names of {@link LayerOptions}. */
export const layerOptions = ['name', 'trainable', 'dtype', 'inputShape', 'activityRegularizer'] as const;

/** Options of a layer's call. */
export interface CallOptions {
  /** Whether the call is part of training; the layer around decides if left out. */
  training?: boolean | undefined;
}

/** How {@link Layer.addWeight} makes a weight. */
export interface WeightOptions {
  name: string;
  /** Every side must be known. */
  shape: readonly (number | null | undefined)[];
  /** `'glorotUniform'` if left out. */
  initializer?: InitializerLike | undefined;
  regularizer?: RegularizerLike | null | undefined;
  trainable?: boolean | undefined;
  dtype?: DType | undefined;
}

/** What `setWeights` takes for one weight. */
export type WeightValue = TensorLike;
