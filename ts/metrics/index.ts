export { serialize } from '../registry.ts';
export * from './all.ts';
export { get, type MetricLike, type MetricName } from './get.ts';
export { Metric, type MetricOptions, type UpdateOptions } from './metric.ts';
