// Written by `npm run generate`; do not edit.

import type { DType } from './dtypes.ts';

/** Which extreme an [`ArgReduce`] looks for. */
export type ArgKind = "max" | "min";

/**
 * A number among an op's attributes, equal and hashed by its bits. In JSON it is a number, or one
 * of `"Infinity"`, `"-Infinity"` and `"NaN"`, for which JSON has no numbers.
 */
export type Float = number | "Infinity" | "-Infinity" | "NaN";

/** How the pixels of a resized image are made of those around. */
export type Interpolation = "nearest" | "bilinear" | "bicubic" | "lanczos3" | "lanczos5";

/** What surrounds the input: `"valid"`, `"same"` or `[[top, bottom], [left, right]]`. */
export type Padding = PaddingRule | [[number, number], [number, number]];

/** A padding that follows from the sizes. */
export type PaddingRule = "valid" | "same";

/** What surrounds the input: `"valid"`, `"same"` or, for each axis, how much before and after. */
export type Paddings = PaddingRule | Array<[number, number]>;

/** What a [`Reduce`] makes of the elements along its axes. */
export type ReduceKind = "sum" | "mean" | "prod" | "max" | "min" | "all" | "any";

/** The attributes of each op, by its name. */
export interface OpAttributes {
  add: Record<string, never>;
  sub: Record<string, never>;
  mul: Record<string, never>;
  div: Record<string, never>;
  floorDiv: Record<string, never>;
  mod: Record<string, never>;
  pow: Record<string, never>;
  maximum: Record<string, never>;
  minimum: Record<string, never>;
  neg: Record<string, never>;
  abs: Record<string, never>;
  sign: Record<string, never>;
  square: Record<string, never>;
  sqrt: Record<string, never>;
  rsqrt: Record<string, never>;
  reciprocal: Record<string, never>;
  hypot: Record<string, never>;
  exp: Record<string, never>;
  expm1: Record<string, never>;
  exp2: Record<string, never>;
  log: Record<string, never>;
  log1p: Record<string, never>;
  log2: Record<string, never>;
  log10: Record<string, never>;
  sin: Record<string, never>;
  cos: Record<string, never>;
  tan: Record<string, never>;
  arcsin: Record<string, never>;
  arccos: Record<string, never>;
  arctan: Record<string, never>;
  arctan2: Record<string, never>;
  sinh: Record<string, never>;
  cosh: Record<string, never>;
  tanh: Record<string, never>;
  arcsinh: Record<string, never>;
  arccosh: Record<string, never>;
  arctanh: Record<string, never>;
  sigmoid: Record<string, never>;
  softplus: Record<string, never>;
  erf: Record<string, never>;
  erfc: Record<string, never>;
  erfinv: Record<string, never>;
  relu: Record<string, never>;
  relu6: Record<string, never>;
  floor: Record<string, never>;
  ceil: Record<string, never>;
  round: Record<string, never>;
  trunc: Record<string, never>;
  nextafter: Record<string, never>;
  stopGradient: Record<string, never>;
  equal: Record<string, never>;
  notEqual: Record<string, never>;
  less: Record<string, never>;
  lessEqual: Record<string, never>;
  greater: Record<string, never>;
  greaterEqual: Record<string, never>;
  isFinite: Record<string, never>;
  isNan: Record<string, never>;
  isInf: Record<string, never>;
  signbit: Record<string, never>;
  logicalAnd: Record<string, never>;
  logicalOr: Record<string, never>;
  logicalXor: Record<string, never>;
  logicalNot: Record<string, never>;
  bitwiseAnd: Record<string, never>;
  bitwiseOr: Record<string, never>;
  bitwiseXor: Record<string, never>;
  bitwiseNot: Record<string, never>;
  leftShift: Record<string, never>;
  rightShift: Record<string, never>;
  gcd: Record<string, never>;
  where: Record<string, never>;
  /** To another dtype. Float to integer truncates; anything to bool is `!= 0`. */
  cast: {
    dtype: DType;
  };
  /**
   * Adds input 0, float32, into zeros along `axis`, of length `size`, where input 1 says: to
   * `y[.., i[.., j, ..], ..]` goes `x[.., j, ..]`. The sides of input 1 are those of input 0; after
   * `axis` they may all be 1. What meets is added in the order of the indices.
   *
   * A run fails with `BAD_ARGUMENT` if an index is negative or out of range.
   */
  addAlong: {
    axis: number;
    size: number;
  };
  /** The int32 index of an extreme along one axis, which the result lacks; the first of equals. */
  argReduce: {
    kind: ArgKind;
    /** A negative axis counts from the end. */
    axis: number;
  };
  /**
   * Where along an axis the elements stand, from the smallest to the greatest, as int32. Equal ones
   * stay in their order; NaN counts as the greatest.
   */
  argSort: {
    /** A negative axis counts from the end. */
    axis: number;
    /** From the greatest to the smallest. */
    descending: boolean;
  };
  /** Attributes; pairs are (height, width). */
  avgPool2d: {
    poolSize: [number, number];
    strides: [number, number];
    padding: Padding;
  };
  /** Attributes of the pooling and the height and width of its input. */
  avgPool2dGrad: {
    poolSize: [number, number];
    strides: [number, number];
    padding: Padding;
    inputShape: [number, number];
  };
  /** Repeats a tensor along its sides of 1 and along new leading axes, by NumPy's rule. */
  broadcastTo: {
    /** The new sides; -1 keeps the tensor's side, known or not. */
    shape: Array<number>;
  };
  /** Joins one or more tensors of one dtype, whose other sides are equal. */
  concat: {
    /** A negative axis counts from the end. */
    axis: number;
  };
  /** Attributes of a convolution; pairs are (height, width). */
  conv2d: {
    strides: [number, number];
    dilation: [number, number];
    groups: number;
    padding: Padding;
  };
  /** Attributes of the convolution and the height and width of its input. */
  conv2dInputGrad: {
    strides: [number, number];
    dilation: [number, number];
    groups: number;
    padding: Padding;
    inputShape: [number, number];
  };
  /** Attributes of the convolution and the height and width of its kernel. */
  conv2dKernelGrad: {
    strides: [number, number];
    dilation: [number, number];
    groups: number;
    padding: Padding;
    kernelSize: [number, number];
  };
  /**
   * Each element becomes the sum of itself and all before it along `axis`, or all after it.
   * Of numbers, not booleans; integers wrap.
   */
  cumsum: {
    /** A negative axis counts from the end. */
    axis: number;
    /** From the end to the front. */
    reverse: boolean;
  };
  /**
   * Of input 0 the parts along `axis` that input 1, integers of any rank, says; its axes stand in the
   * result where `axis` stood.
   *
   * A run fails with `BAD_ARGUMENT` if an index is negative or out of range. A GPU cannot stop in
   * mid-run: there what is missing is NaN, or 0 in a dtype without NaN.
   */
  gather: {
    /** A negative axis counts from the end. */
    axis: number;
  };
  /** A tensor whose every element is its own place along `axis`. Takes no input. */
  iota: {
    dtype: DType;
    shape: Array<number>;
    axis: number;
  };
  /** Attributes. */
  leadingMoments: {
    /** How many axes, counted from the front. */
    axes: number;
  };
  matmul: {
    transposeA: boolean;
    transposeB: boolean;
  };
  /** Attributes; pairs are (height, width). */
  maxPool2d: {
    poolSize: [number, number];
    strides: [number, number];
    padding: Padding;
  };
  /** Attributes of the pooling and the height and width of its input. */
  maxPool2dGrad: {
    poolSize: [number, number];
    strides: [number, number];
    padding: Padding;
    inputShape: [number, number];
  };
  /** Attributes of the pooling. */
  maxPool2dTake: {
    poolSize: [number, number];
    strides: [number, number];
    padding: Padding;
  };
  /**
   * From integer indices float32 rows of `depth`, along a new last axis; an index out of range gives
   * zeros, as in Keras.
   */
  oneHot: {
    depth: number;
  };
  /**
   * Along each axis `low` more before the first element, `high` after the last and `interior`
   * between neighbours.
   */
  pad: {
    low: Array<number>;
    high: Array<number>;
    interior: Array<number>;
    /** What stands there: a value of the tensor's dtype; 0 if there is interior padding. */
    value: Float;
  };
  /**
   * From input 0, float32 [.., classes], and input 1, int32 labels [..], the elements
   * `x[.., label]`.
   *
   * A run fails with `BAD_ARGUMENT` if a label is negative or not below the number of classes. A GPU
   * cannot stop in mid-run: there the element is NaN, which the guard of a training step finds.
   */
  pick: Record<string, never>;
  /**
   * From input 0, float32 [..], and input 1, int32 labels [..], rows [.., size] that hold input 0
   * at the labels and 0 elsewhere.
   *
   * A run fails with `BAD_ARGUMENT` if a label is negative or not below `size`; on a GPU the row is NaN.
   */
  pickGrad: {
    size: number;
  };
  /** float32 numbers that are `scale` with probability `p` and else 0. */
  randomBernoulli: {
    /** Empty if a second input gives the shape. */
    shape: Array<number>;
    /** From 0 to 1. */
    p: Float;
    scale: Float;
  };
  /** uint32 words, all equally likely. */
  randomBits: {
    /** Empty if a second input gives the shape. */
    shape: Array<number>;
  };
  /** float32 numbers with mean 0 and deviation 1. */
  randomNormal: {
    /** Empty if a second input gives the shape. */
    shape: Array<number>;
  };
  /** float32 numbers of the normal distribution with mean 0 and deviation 1, cut at -2 and 2. */
  randomTruncatedNormal: {
    /** Empty if a second input gives the shape. */
    shape: Array<number>;
  };
  /** float32 numbers from [0, 1), each of 2^24 equally likely. */
  randomUniform: {
    /** Empty if a second input gives the shape. */
    shape: Array<number>;
  };
  /** Reduces a tensor over some axes. */
  reduce: {
    kind: ReduceKind;
    /** Negative axes count from the end; none means all axes. */
    axes: Array<number>;
    /** Whether the axes stay, as sides of 1. */
    keepdims: boolean;
  };
  reshape: {
    /** The new sides; one may be -1 and takes what is left. */
    shape: Array<number>;
  };
  /** Attributes; pairs are (height, width). */
  resize: {
    size: [number, number];
    interpolation: Interpolation;
    /** Whether filters widen where an image shrinks. */
    antialias: boolean;
  };
  /** Attributes of the resizing and the height and width of its input. */
  resizeGrad: {
    interpolation: Interpolation;
    antialias: boolean;
    inputShape: [number, number];
  };
  /**
   * Adds the parts of input 0, float32, into zeros along `axis`, of length `size`, where input 1
   * says. The axes of input 1 stand in input 0 where `axis` will. What meets is added in the order
   * of the indices.
   *
   * A run fails with `BAD_ARGUMENT` if an index is negative or out of range; on a GPU the result is NaN.
   */
  scatterAdd: {
    axis: number;
    size: number;
  };
  /**
   * Elements `begin, begin + step, …` before `end` along each axis, as Python slices: negative
   * numbers count from the end, and what lies past an edge is cut to it.
   */
  slice: {
    begin: Array<number>;
    /** `null` is the edge. */
    end: Array<number | null>;
    /** At least 1. */
    step: Array<number>;
  };
  /**
   * `y[.., j, ..] = x[.., i[.., j, ..], ..]` along `axis`, as NumPy's `take_along_axis`. Input 1,
   * integers, has the sides of input 0 but for `axis`; its sides after `axis` may all be 1, and each
   * index then stands for all that lies there.
   *
   * A run fails with `BAD_ARGUMENT` if an index is negative or out of range.
   */
  takeAlong: {
    /** A negative axis counts from the end. */
    axis: number;
  };
  /** Axis `i` of the result is axis `perm[i]` of the tensor. */
  transpose: {
    perm: Array<number>;
  };
  /** `exp(x) / Σ exp(x)` along an axis. */
  softmax: {
    axis: number;
  };
  /** `log(softmax(x))`, exact where probabilities are small. */
  logSoftmax: {
    axis: number;
  };
  /** `log(Σ exp(x))` over axes, all if none is given. */
  logSumExp: {
    axes: Array<number>;
    keepdims: boolean;
  };
  /** Mean and population variance over axes (all if none is given), which stay as sides of 1. */
  moments: {
    axes: Array<number>;
  };
  /**
   * `(x - mean) / sqrt(variance + epsilon)`, then times gamma (`scale`) plus beta (`center`).
   * Inputs: x, mean, variance and, as the attributes say, gamma and beta: tensors of the channels
   * at `axis`, or of x's rank.
   */
  batchNormalize: {
    axis: number;
    epsilon: Float;
    scale: boolean;
    center: boolean;
  };
  /**
   * The convolution of `[batch, …, channels]` with a kernel `[window…, channels / groups, filters]`,
   * along one, two or three axes.
   */
  conv: {
    strides: Array<number>;
    dilation: Array<number>;
    groups: number;
    padding: Paddings;
  };
  /**
   * The gradient of a convolution for its input, from `[batch, …, channels]` and a kernel
   * `[window…, filters, channels]`. `null` stands for Keras's own choice of the output's length.
   */
  convTranspose: {
    strides: Array<number>;
    dilation: Array<number>;
    padding: PaddingRule;
    outputPadding: Array<number> | null;
  };
  /**
   * Each channel of `[batch, …, channels]` through the windows of its own of a kernel
   * `[window…, channels, multiplier]`.
   */
  depthwiseConv: {
    strides: Array<number>;
    dilation: Array<number>;
    padding: Paddings;
  };
  /** The greatest of each window of `[batch, …, channels]`, along one, two or three axes. */
  maxPool: {
    poolSize: Array<number>;
    strides: Array<number>;
    padding: Paddings;
  };
  /** The mean of each window of `[batch, …, channels]`; padding does not count. */
  averagePool: {
    poolSize: Array<number>;
    strides: Array<number>;
    padding: Paddings;
  };
  /** The greatest of each of so many windows that share the axes of `[batch, …, channels]` evenly. */
  adaptiveMaxPool: {
    outputSize: Array<number>;
  };
  /** The mean of each of so many windows that share the axes of `[batch, …, channels]` evenly. */
  adaptiveAveragePool: {
    outputSize: Array<number>;
  };
  /**
   * Inputs of every loss: labels and predictions. One value for each sample: the mean over the
   * last axis of `(labels - predictions)²`.
   */
  meanSquaredError: Record<string, never>;
  /** The mean over the last axis of `|labels - predictions|`. */
  meanAbsoluteError: Record<string, never>;
  /** The mean over the last axis of `-(t·log p + (1 - t)·log(1 - p))`. */
  binaryCrossentropy: {
    fromLogits: boolean;
    labelSmoothing: Float;
  };
  /** `-Σ t·log p` along the axis of the classes. */
  categoricalCrossentropy: {
    fromLogits: boolean;
    labelSmoothing: Float;
    axis: number;
  };
  /**
   * `-log p[label]` for integer labels; the classes are the last axis. A run fails with
   * `BAD_ARGUMENT` if a label is not one of the classes.
   */
  sparseCategoricalCrossentropy: {
    fromLogits: boolean;
  };
  gradients: Record<string, never>;
  vjp: Record<string, never>;
}

/** The name of an op. */
export type OpName = keyof OpAttributes;

/** How many operands each elementwise op takes; it has one output. */
export interface ElementwiseArity {
  add: 2;
  sub: 2;
  mul: 2;
  div: 2;
  floorDiv: 2;
  mod: 2;
  pow: 2;
  maximum: 2;
  minimum: 2;
  neg: 1;
  abs: 1;
  sign: 1;
  square: 1;
  sqrt: 1;
  rsqrt: 1;
  reciprocal: 1;
  hypot: 2;
  exp: 1;
  expm1: 1;
  exp2: 1;
  log: 1;
  log1p: 1;
  log2: 1;
  log10: 1;
  sin: 1;
  cos: 1;
  tan: 1;
  arcsin: 1;
  arccos: 1;
  arctan: 1;
  arctan2: 2;
  sinh: 1;
  cosh: 1;
  tanh: 1;
  arcsinh: 1;
  arccosh: 1;
  arctanh: 1;
  sigmoid: 1;
  softplus: 1;
  erf: 1;
  erfc: 1;
  erfinv: 1;
  relu: 1;
  relu6: 1;
  floor: 1;
  ceil: 1;
  round: 1;
  trunc: 1;
  nextafter: 2;
  stopGradient: 1;
  equal: 2;
  notEqual: 2;
  less: 2;
  lessEqual: 2;
  greater: 2;
  greaterEqual: 2;
  isFinite: 1;
  isNan: 1;
  isInf: 1;
  signbit: 1;
  logicalAnd: 2;
  logicalOr: 2;
  logicalXor: 2;
  logicalNot: 1;
  bitwiseAnd: 2;
  bitwiseOr: 2;
  bitwiseXor: 2;
  bitwiseNot: 1;
  leftShift: 2;
  rightShift: 2;
  gcd: 2;
  where: 3;
  cast: 1;
}
