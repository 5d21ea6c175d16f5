import { badArgument, oneOf, shown } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { positiveInteger, readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

/** What {@link CategoryEncoding} makes of categories. */
export type EncodingMode = 'oneHot' | 'multiHot' | 'count';

/** Options of {@link CategoryEncoding}. */
export interface CategoryEncodingOptions extends LayerOptions {
  /** How many categories there are. */
  numTokens?: number | undefined;
  /** One-hot rows, whether a category is there (`'multiHot'`, if left out), or how often. */
  outputMode?: EncodingMode | undefined;
}

const modes: readonly EncodingMode[] = ['multiHot', 'oneHot', 'count'];

/**
 * Numbers of categories, whole ones from 0 to numTokens − 1, as rows of numTokens: [batch, n] to [batch, numTokens], with
 * `'oneHot'` to [batch, n, numTokens] (a last side of 1 goes). With `'count'`, `[categories, weights]` counts by weights.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an unknown mode, and for weights in another mode than `'count'`
 * @see https://keras.io/api/layers/preprocessing_layers/categorical/category_encoding/
 */
export class CategoryEncoding extends Layer {
  static readonly className: string = 'CategoryEncoding';
  readonly numTokens: number;
  readonly outputMode: EncodingMode;

  constructor(
    numTokens: number | CategoryEncodingOptions,
    outputMode?: EncodingMode | CategoryEncodingOptions,
    options?: CategoryEncodingOptions,
  ) {
    const names = ['numTokens', 'outputMode', ...layerOptions] as const;
    const read = readOptions<CategoryEncodingOptions>('CategoryEncoding', names, [numTokens, outputMode, options]);
    super(read);
    this.numTokens = positiveInteger('CategoryEncoding', 'numTokens', read.numTokens);
    this.outputMode = oneOf('CategoryEncoding', 'outputMode', read.outputMode ?? 'multiHot', modes);
    this.built = true;
  }

  override call(input: Tensor | readonly [categories: Tensor, countWeights: Tensor]): Tensor {
    const [categories, weights = null] = Array.isArray(input) ? input : [input as Tensor];
    if (weights !== null && this.outputMode !== 'count')
      throw badArgument(String(this), `weights only count with outputMode 'count'; it is ${shown(this.outputMode)}.`);
    const x = categories.rank === 0 ? ops.reshape(categories, [1]) : categories;
    const narrow = this.outputMode === 'oneHot' && x.rank > 1 && x.shape.at(-1) === 1;
    const hot = ops.oneHot(ops.cast(narrow ? ops.squeeze(x, -1) : x, 'int32'), this.numTokens);
    if (this.outputMode === 'oneHot')
      return ops.cast(categories.rank === 0 ? ops.squeeze(hot, 0) : hot, this.computeDtype);
    const axis = x.rank > 1 ? 1 : 0;
    if (this.outputMode === 'multiHot') return ops.cast(ops.max(hot, axis), this.computeDtype);
    const counted = weights === null ? hot : ops.mul(hot, ops.expandDims(ops.cast(weights, this.computeDtype), -1));
    return ops.cast(ops.sum(counted, axis), this.computeDtype);
  }

  override getConfig(): object {
    return { ...super.getConfig(), numTokens: this.numTokens, outputMode: this.outputMode };
  }
}
