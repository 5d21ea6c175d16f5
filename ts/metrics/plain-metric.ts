import { readOptions } from '../options.ts';
import { classNameOf } from '../registry.ts';
import type { DType, Tensor } from '../tensor.ts';
import { type MetricOptions, metricOptions } from './metric.ts';
import { MeanMetricWrapper } from './reduction.ts';

/** A mean without options of its own. */
export abstract class PlainMetric extends MeanMetricWrapper {
  constructor(name?: string | MetricOptions, dtype?: DType | MetricOptions, options?: MetricOptions) {
    const read = readOptions<MetricOptions>(classNameOf(new.target), metricOptions, [name, dtype, options]);
    super({ ...read, fn: new.target.prototype.values });
  }

  /** One value for each sample; does not know the metric. */
  abstract values(yTrue: Tensor, yPred: Tensor): Tensor;
}
