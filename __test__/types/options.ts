// Every option can be `undefined`, under `exactOptionalPropertyTypes` too.
import type {
  BatchOptions,
  CallOptions,
  CompileOptions,
  callbacks,
  DTypeOptions,
  EvaluateOptions,
  FitOptions,
  initializers,
  layers,
  losses,
  metrics,
  models,
  ops,
  optimizers,
  PredictOptions,
  random,
  regularizers,
  TensorOptions,
} from 'fovea';

type Undefined<O> = { [Name in keyof O]?: undefined };
const undefinable = <O>(_: Undefined<O> extends O ? true : false): void => {};

// @ts-expect-error so an option that forbids `undefined` is found
undefinable<{ axis?: number }>(true);

undefinable<BatchOptions>(true);
undefinable<CallOptions>(true);
undefinable<CompileOptions>(true);
undefinable<DTypeOptions>(true);
undefinable<EvaluateOptions>(true);
undefinable<FitOptions>(true);
undefinable<PredictOptions>(true);
undefinable<TensorOptions>(true);
undefinable<callbacks.EarlyStoppingOptions>(true);
undefinable<initializers.ConstantOptions>(true);
undefinable<initializers.IdentityOptions>(true);
undefinable<initializers.InitializerCallOptions>(true);
undefinable<initializers.NormalOptions>(true);
undefinable<initializers.OrthogonalOptions>(true);
undefinable<initializers.SeedOptions>(true);
undefinable<initializers.UniformOptions>(true);
undefinable<initializers.VarianceScalingOptions>(true);
undefinable<layers.ActivationOptions>(true);
undefinable<layers.BatchNormalizationOptions>(true);
undefinable<layers.ConcatenateOptions>(true);
undefinable<layers.Conv2DOptions>(true);
undefinable<layers.DenseOptions>(true);
undefinable<layers.DropoutOptions>(true);
undefinable<layers.GlobalPoolingOptions>(true);
undefinable<layers.InputOptions>(true);
undefinable<layers.LayerOptions>(true);
undefinable<layers.PoolingOptions>(true);
undefinable<layers.ReLUOptions>(true);
undefinable<layers.RescalingOptions>(true);
undefinable<layers.ReshapeOptions>(true);
undefinable<layers.SoftmaxOptions>(true);
undefinable<layers.ZeroPadding2DOptions>(true);
undefinable<losses.LossCallOptions>(true);
undefinable<losses.LossOptions>(true);
undefinable<losses.SmoothedCrossentropyOptions>(true);
undefinable<losses.SparseCategoricalCrossentropyOptions>(true);
undefinable<metrics.BinaryAccuracyOptions>(true);
undefinable<metrics.MetricOptions>(true);
undefinable<metrics.SmoothedMetricOptions>(true);
undefinable<metrics.SparseMetricOptions>(true);
undefinable<metrics.TopKOptions>(true);
undefinable<metrics.UpdateOptions>(true);
undefinable<models.ModelOptions>(true);
undefinable<models.SummaryOptions>(true);
undefinable<ops.ConvOptions>(true);
undefinable<ops.NormOptions>(true);
undefinable<ops.PoolOptions>(true);
undefinable<ops.ReduceOptions>(true);
undefinable<optimizers.AdamOptions>(true);
undefinable<optimizers.RMSpropOptions>(true);
undefinable<optimizers.SGDOptions>(true);
undefinable<random.BernoulliOptions>(true);
undefinable<random.NormalOptions>(true);
undefinable<random.UniformOptions>(true);
undefinable<regularizers.L1L2Options>(true);
