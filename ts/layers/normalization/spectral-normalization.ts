import { badArgument } from '../../errors.ts';
import { TruncatedNormal } from '../../initializers/index.ts';
import { all, equal, matmul, reshape, stopGradient, transpose, where } from '../../ops/index.ts';
import { positiveInteger, readOptions } from '../../options.ts';
import { type Shape, type Tensor, Variable } from '../../tensor.ts';
import type { Layer } from '../layer.ts';
import { type CallOptions, layerOptions } from '../options.ts';
import { Wrapper, type WrapperOptions } from '../wrappers/wrapper.ts';
import { unitLength } from './unit-normalization.ts';

/** Options of {@link SpectralNormalization}. */
export interface SpectralNormalizationOptions extends WrapperOptions {
  /** How often the estimate of the norm is bettered in a step, 1 if left out. */
  powerIterations?: number | undefined;
}

/**
 * A layer whose kernel (or embeddings) is divided by its spectral norm at each call in training. The norm is estimated
 * by power iteration from a vector [1, outputs] that is kept. Input and output are the layer's.
 *
 * @throws FoveaError `BAD_ARGUMENT` for what is no layer or has neither kernel nor embeddings, or fewer iterations than
 * one
 * @see https://keras.io/api/layers/normalization_layers/spectral_normalization/
 */
export class SpectralNormalization extends Wrapper {
  static readonly className: string = 'SpectralNormalization';
  readonly powerIterations: number;
  /** The weight that is normalized, the layer's own; found by `build`. */
  kernel!: Variable;
  /** What the estimate goes on from: [1, outputs]; made by `build`. */
  vectorU!: Variable;

  constructor(
    layer: Layer | SpectralNormalizationOptions,
    powerIterations?: number | SpectralNormalizationOptions,
    options?: SpectralNormalizationOptions,
  ) {
    const where = 'SpectralNormalization';
    const names = ['layer', 'powerIterations', ...layerOptions] as const;
    const read = readOptions<SpectralNormalizationOptions>(where, names, [layer, powerIterations, options]);
    super(where, read);
    this.powerIterations = positiveInteger(where, 'powerIterations', read.powerIterations ?? 1);
  }

  override build(inputShape: Shape): void {
    super.build(inputShape);
    const { kernel, embeddings } = this.layer as { kernel?: unknown; embeddings?: unknown };
    const weight = kernel ?? embeddings;
    if (!(weight instanceof Variable))
      throw badArgument(String(this), `${this.layer} has neither a kernel nor embeddings.`);
    this.kernel = weight;
    this.vectorU = this.addWeight({
      name: 'vector_u',
      shape: [1, weight.dim(-1)],
      initializer: new TruncatedNormal({ stddev: 0.02 }),
      trainable: false,
    });
  }

  override call(x: Tensor, { training, mask }: CallOptions): Tensor {
    if (training) this.#normalize();
    return this.layer(x, { training, mask });
  }

  #normalize(): void {
    const { kernel } = this;
    const weights = reshape(kernel, [-1, kernel.dim(-1)]);
    let u: Tensor = this.vectorU;
    let v = u;
    for (let i = 0; i < this.powerIterations; i++) {
      v = unitLength(matmul(u, transpose(weights)), null, 1e-7);
      u = unitLength(matmul(v, weights), null, 1e-7);
    }
    [u, v] = [stopGradient(u), stopGradient(v)];
    const norm = matmul(matmul(v, weights), transpose(u));
    // A kernel of zeros stays as it is.
    const zero = all(equal(kernel, 0));
    const divided = reshape(kernel.div(where(zero, 1, norm).reshape([])), kernel.shape);
    this.vectorU.assign(where(zero, this.vectorU, u));
    kernel.assign(divided);
  }

  override getConfig(): object {
    return { ...super.getConfig(), powerIterations: this.powerIterations };
  }
}
