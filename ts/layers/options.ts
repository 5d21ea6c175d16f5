import type { ConstraintLike } from '../constraints/index.ts';
import type { DTypePolicyLike } from '../dtype-policy.ts';
import type { InitializerLike } from '../initializers/index.ts';
import type { TensorLike } from '../ops/apply.ts';
import type { RegularizerLike } from '../regularizers/index.ts';
import type { DType, Shape } from '../tensor.ts';
import type { Mask } from './mask.ts';

/** Options that every layer knows. */
export interface LayerOptions {
  /** Automatic if left out: the class in snake case, numbered. */
  name?: string | undefined;
  /** Whether training may change the weights, `true` if left out. */
  trainable?: boolean | undefined;
  /** What it computes in and what weights hold: a dtype or a policy, the global one (`float32` by default) if left out. */
  dtype?: DTypePolicyLike | undefined;
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
  /** Which steps of the input count; what the layers before attached to it if left out. */
  mask?: Mask | undefined;
}

/** The names of {@link CallOptions}. */
export const callOptions = ['training', 'mask'] as const;

/** How {@link Layer.addWeight} makes a weight. */
export interface WeightOptions {
  /** Its name within the layer: `kernel`. */
  name: string;
  /** Every side must be known. */
  shape: readonly (number | null | undefined)[];
  /** `'glorotUniform'` if left out. */
  initializer?: InitializerLike | undefined;
  /** A penalty on it, added to the loss; none if left out. */
  regularizer?: RegularizerLike | null | undefined;
  /** What it is made to fulfil after each step of training; nothing if left out. */
  constraint?: ConstraintLike | null | undefined;
  /** Whether training changes it, `true` if left out. */
  trainable?: boolean | undefined;
  /** The layer's if left out. */
  dtype?: DType | undefined;
  /** Whether a layer of mixed precision reads it in the dtype it computes in, `true` if left out. */
  autocast?: boolean | undefined;
}

/** What `setWeights` takes for one weight. */
export type WeightValue = TensorLike;
