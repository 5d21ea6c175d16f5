import type { Reasons } from '../scripts/surface/reasons.ts';
import { renamed } from './renamed.ts';

/** Options that are left out wherever Keras has them. */
export const everywhere: Reasons = {
  layout: {
    why: 'Fovea has one layout, channels last.',
    names: ['*(dataFormat)'],
  },
  casting: {
    why: 'there is no switch for the casting of inputs.',
    names: ['layers.*(autocast)'],
  },
  boxes: {
    why: 'layers change images and their labels, not bounding boxes.',
    names: ['layers.*(boundingBoxFormat)'],
  },
  scaling: {
    why: 'losses are computed in float32, and nothing has to be scaled.',
    names: ['optimizers.*(lossScaleFactor)', 'losses.*(dtype)'],
  },
  quantized: {
    why: 'adapters and quantised weights are for large language models.',
    names: [
      'layers.*(loraRank)',
      'layers.*(loraAlpha)',
      'layers.*(quantizationConfig)',
      'layers.*(gptqUnpackedColumnSize)',
    ],
  },
};

/** What Keras has and Fovea has not. */
export const notThere: Reasons = {
  recurrent: {
    why: 'recurrent networks are not what Fovea is for.',
    names: [
      'layers.*LSTM*',
      'layers.GRU*',
      'layers.RNN',
      'layers.SimpleRNN*',
      'layers.StackedRNNCells',
      'layers.Bidirectional',
    ],
  },
  attention: {
    why: 'attention and language models are not what Fovea is for.',
    names: ['layers.*Attention', 'layers.ReversibleEmbedding', 'ops.dotProductAttention'],
  },
  tabular: {
    why: 'text, tables and hashed categories are not what Fovea is for.',
    names: [
      'layers.Discretization',
      'layers.Hash*',
      'layers.IntegerLookup',
      'layers.StringLookup',
      'layers.TextVectorization',
      'utils.FeatureSpace',
      'utils.padSequences',
      'utils.textDatasetFromDirectory',
      'utils.timeseriesDatasetFromArray',
      'modules.preprocessing.sequence',
    ],
  },
  audio: {
    why: 'sound and Fourier transforms are not what Fovea is for.',
    names: [
      'layers.*Spectrogram',
      'initializers.STFT*',
      'initializers.stft',
      'utils.audioDatasetFromDirectory',
      ...['fft', 'fft2', 'ifft2', 'rfft', 'irfft', 'stft', 'istft', 'extractSequences'].map((name) => `ops.${name}`),
      ...['bartlett', 'blackman', 'hamming', 'hanning', 'kaiser'].map((name) => `ops.${name}`),
    ],
  },
  frameworks: {
    why: 'it wraps a part of another Python framework.',
    names: [
      'layers.FlaxLayer',
      'layers.JaxLayer',
      'layers.TFSMLayer',
      'layers.TorchModuleWrapper',
      'callbacks.OrbaxCheckpoint',
      'modules.wrappers',
    ],
  },
  augmentation: {
    why: 'it is not on the list of augmentations that Fovea has.',
    names: ['layers.AugMix', 'layers.RandomElasticTransform', 'layers.*(factor)'],
  },
  detection: {
    why: 'Fovea has no bounding boxes.',
    names: ['layers.MaxNumBoundingBoxes', 'modules.utils.bounding_boxes', 'modules.visualization'],
  },
  sparse: {
    why: 'Fovea has no sparse or ragged tensors, nor inputs that may be missing.',
    names: ['*(sparse)', 'layers.Input*(ragged)', 'layers.Input*(optional)'],
  },
  adoption: {
    why: 'an Input always makes its own tensor.',
    names: [
      'layers.Input(tensor)',
      'layers.InputLayer(inputTensor)',
      'layers.InputLayer(activityRegularizer)',
      'layers.InputLayer(trainable)',
      'layers.InputLayer(inputShape)',
    ],
  },
  files: {
    why: 'Fovea does not read and write models yet.',
    names: [
      'models.loadModel',
      'models.modelFromJson',
      'models.saveModel',
      'models.Model.save*',
      'models.Model.loadWeights',
      'callbacks.ModelCheckpoint',
      'callbacks.BackupAndRestore',
      'modules.saving',
      'modules.export',
      'models.Model.export',
    ],
  },
  pretrained: {
    why: 'Fovea has no pretrained weights yet, for which images would have to be prepared and whose classes have names.',
    names: ['modules.applications.*'],
  },
  networks: {
    why: 'Fovea has four of the ready-made networks so far.',
    names: [
      'applications.ConvNeXt*',
      'applications.DenseNet*',
      'applications.EfficientNet*',
      'applications.InceptionResNetV2',
      'applications.MobileNet',
      'applications.MobileNetV3*',
      'applications.NASNet*',
      'applications.ResNet1*',
      'applications.ResNet50V2',
      'applications.VGG19',
      'applications.Xception',
    ],
  },
  sharing: {
    why: 'a ready-made network makes an Input of its own; the model is a layer, and can be called on another tensor.',
    names: ['applications.*(inputTensor)'],
  },
  images: {
    why: 'Fovea does not read and write image files yet.',
    names: [
      'preprocessing.image.*',
      'utils.arrayToImg',
      'utils.imgToArray',
      'utils.loadImg',
      'utils.saveImg',
      'utils.imageDatasetFromDirectory',
      'utils.modelToDot',
      'utils.plotModel',
    ],
  },
  ...renamed,
  numerics: {
    why: 'NumPy’s long tail, which networks do not use.',
    names: [
      'argpartition, bincount, cdist, copy, corrcoef, correlate, geomspace, histogram, i0, isin, isreal',
      'logspace, nan*, nonzero, trapezoid, unique, unravelIndex, vander, saturateCast, rearrange',
      'ctcDecode, fold, unfold, segmentM*, segmentProd, view',
    ].flatMap((line) => line.split(', ').map((name) => `ops.${name}`)),
  },
  complex: {
    why: 'Fovea has no complex numbers.',
    names: ['ops.angle', 'ops.conj', 'ops.conjugate', 'ops.imag', 'ops.real', 'ops.polar', 'ops.viewAs*'],
  },
  algebra: {
    why: 'decompositions and solvers are not what networks are made of.',
    names: [
      'cholesky*, det, eig, eigh, inv, logdet, lstsq, luFactor, matrixRank, pinv, qr, slogdet, solve*, svd',
    ].flatMap((line) => line.split(', ').map((name) => `ops.${name}`)),
  },
  control: {
    why: 'TypeScript has loops and conditions of its own: what runs in them becomes part of the graph.',
    names: 'associativeScan, cond, foriLoop, map, scan, switch, vectorize*, whileLoop, isTensor, jvp'
      .split(', ')
      .map((name) => `ops.${name}`),
  },
  warps: {
    why: 'resizing and affine or perspective warps are there; this is rarer.',
    names: ['elasticTransform', 'extractPatches3d', 'mapCoordinates', 'scaleAndTranslate'].map(
      (name) => `ops.image.${name}`,
    ),
  },
  python: {
    why: 'it serves Python, its notebooks or its back ends.',
    names: [
      ...'Config, clearSession, *InteractiveLogging*, getFile, isKerasTensor, getSourceInputs, standardizeDtype'
        .split(', ')
        .map((name) => `utils.${name}`),
      ...'*ackXYSampleWeight, getRegistered*, getCustomObjects, *ustomObjectScope'
        .split(', ')
        .map((name) => `utils.${name}`),
      'keras.*Scope',
      'keras.nameScope',
      'keras.remat',
      'keras.version',
      'keras.Operation',
      'layers.InputSpec',
      'modules.backend',
      'modules.legacy',
      'modules.optimizers.legacy',
      'modules.utils.legacy',
      'modules.tree',
    ],
  },
  precision: {
    why: 'policies are those of float32 and bfloat16, whose losses need no scaling, and compute losses in float32: there are no quantised types.',
    names: [
      'keras.FloatDTypePolicy',
      'keras.Quantizer',
      'modules.dtype_policies',
      'modules.quantizers',
      'optimizers.LossScaleOptimizer',
      'optimizers.Optimizer.scaleLoss',
      'losses.Loss.dtype',
      'layers.Layer.quanti*',
      'models.Model.quantize',
      'models.Model.getQuantizationLayerStructure',
    ],
  },
  distributed: {
    why: 'Fovea trains on one device.',
    names: [
      'modules.distribution',
      'modules.distillation',
      'models.Model.distribute*',
      '*(aggregation)',
      '*(synchronized)',
      '*addVariable(layout)',
    ],
  },
  internal: {
    why: 'Keras uses it inside: Fovea’s inside is another.',
    names: [
      'buildFromConfig, computeOutputSpec, getBuildConfig, inputSpec, loadOwnVariables, metrics, metricsVariables, path',
      'rematerializedCall, saveOwnVariables, statelessCall, symbolicCall, addMetric',
    ]
      .flatMap((line) => line.split(', '))
      .map((name) => `layers.Layer.${name}`)
      .concat(
        'compileFromConfig, compiledLoss, compiledMetrics, getCompileConfig, getMetricsResult, *StateTree, jitCompile, loss'
          .split(', ')
          .map((name) => `models.Model.${name}`),
        'make*Function, metricsNames, runEagerly, statelessComputeLoss'
          .split(', ')
          .map((name) => `models.Model.${name}`),
        ['models.Sequential.computeOutputSpec', 'models.Sequential.inputShape', 'models.Sequential.outputShape'],
        ['metrics.Metric.stateless*', 'callbacks.Callback.setModel', 'callbacks.Callback.setParams'],
        ['callbacks.CallbackList', 'optimizers.OptimizerMap'],
        'add*Variables, addVariableFromReference, assign*, *OwnVariables, setWeights, statelessApply'
          .split(', ')
          .map((name) => `optimizers.Optimizer.${name}`),
        [
          'layers.Layer.addWeight(overwriteWithGradient)',
          'models.Sequential.add(rebuild)',
          'models.Sequential.pop(rebuild)',
        ],
      ),
  },
  optimizers: {
    why: 'it came with Keras’s last releases and is not on the list of optimizers that Fovea has.',
    names: ['optimizers.MultiOptimizer'],
  },
  distributions: {
    why: 'no layer draws from it.',
    names: ['random.binomial', 'random.categorical'],
  },
  running: {
    why: 'steps are always compiled, and no loss is scaled.',
    names: ['models.Model.compile(*)'],
  },
  results: {
    why: 'the result is always a record by name.',
    names: ['models.Model.*(returnDict)'],
  },
  boards: {
    why: 'TensorBoard gets scalars alone, no histograms, images, graphs or profiles.',
    names: ['callbacks.TensorBoard(*)'],
  },
  baseline: {
    why: 'Keras 3.15 takes the option and never looks at it.',
    names: ['callbacks.ReduceLROnPlateau(baseline)'],
  },
  typed: {
    why: '`cast` makes another dtype of the result.',
    names: ['ops.*(dtype)'],
  },
  rare: {
    why: 'it is rarely given, and easily done without.',
    names: [
      'ops.cross(axisa)',
      'ops.cross(axisb)',
      'ops.cross(axisc)',
      'ops.linspace(retstep)',
      'ops.linspace(axis)',
      'ops.m*(initial)',
      'ops.round(decimals)',
      'ops.segmentSum(sorted)',
      'ops.unstack(num)',
      'random.SeedGenerator(name)',
      'random.dropout(noiseShape)',
      'models.Model.summary(*)',
    ],
  },
  records: {
    why: 'it takes one record, `{ x, y, yPred, sampleWeight }`, or the options of the class.',
    names: ['models.Model.computeLoss(*)', 'models.Model.computeMetrics(*)', 'optimizers.Optimizer.fromConfig(config)'],
  },
  state: {
    why: 'the method takes a name, then a shape or what makes the first value.',
    names: ['metrics.Metric.addVariable(*)', 'optimizers.Optimizer.addVariable(*)'],
  },
};

/** What is there and differs from Keras. */
export const different: Reasons = {
  window: {
    why: 'a pooling window has a size of 2 if none is given, as Keras 2 had it.',
    names: ['layers.AveragePooling*(poolSize)'],
  },
  variables: {
    why: 'the name comes first.',
    names: ['*.addVariable(name)', '*.addVariable(shape)'],
  },
  traced: {
    why: 'the functions in it run once for each shape of the input and are compiled: `where` and `random` stand in them for `if` and `Math.random`.',
    names: ['layers.Lambda', 'models.Model.trainStep', 'models.Model.testStep'],
  },
  executions: {
    why: 'an epoch takes as many steps as it was asked for, also where that is no multiple of `stepsPerExecution`; Keras goes on to the next one.',
    names: ['models.Model.compile'],
  },
  undone: {
    why: 'the weights are those before the step whose loss was no number; no validation follows it, and its logs are NaN.',
    names: ['callbacks.TerminateOnNaN'],
  },
  paper: {
    why: 'it steps as the paper says, and Keras on JAX; on TensorFlow Keras takes the momentum after its update for the one before.',
    names: ['optimizers.ScheduleFreeAdamW'],
  },
  untrained: {
    why: '`weights` has to be given, and must be `null`: Keras’s default is weights that Fovea has not.',
    names: ['applications.*'],
  },
  bytes: {
    why: 'called on bytes outside of a model and of training it gives float32, as in a model; Keras leaves them bytes there.',
    names: [
      'layers.RandomContrast',
      'layers.RandomHue',
      'layers.RandomSaturation',
      'layers.RandomColorJitter',
      'layers.RandomPosterization',
      'layers.RandomInvert',
      'layers.RandomBrightness',
      'layers.RandomGrayscale',
      'layers.Equalization',
      'layers.MixUp',
    ],
  },
  thresholds: {
    why: 'with a threshold it gives float32 for bytes, which Keras leaves bytes on TensorFlow.',
    names: ['activations.relu'],
  },
  draws: {
    why: 'other random numbers than Keras’s, of the same distribution.',
    names: [
      'layers.Random*',
      'layers.RandAugment',
      'layers.MixUp',
      'layers.CutMix',
      'layers.*Dropout*',
      'layers.GaussianNoise',
      'random.*',
    ],
  },
};
