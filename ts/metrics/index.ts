// Keras has the functions of its losses here too.
export {
  binaryCrossentropy,
  binaryFocalCrossentropy,
  categoricalCrossentropy,
  categoricalFocalCrossentropy,
  categoricalHinge,
  hinge,
  huber,
  klDivergence,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  poisson,
  sparseCategoricalCrossentropy,
  squaredHinge,
} from '../losses/all.ts';
export { serialize } from '../registry.ts';
export * from './all.ts';
export { get, type MetricLike, type MetricName } from './get.ts';
export { Metric, type MetricOptions, type UpdateOptions } from './metric.ts';
