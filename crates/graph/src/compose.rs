//! Composites: ops without a kernel. One node in the caller's graph stands for a formula that is
//! written out when the graph is built; shapes and gradients follow from the formula.

mod losses;
mod normalize;
mod softmax;
mod spatial;
#[cfg(test)]
mod tests;

use crate::builder::{Builder, Sym};
use crate::elementwise::Ew;
use crate::graph::{Leaf, LeafKind};
use crate::ops::attribute::Float;
use crate::ops::window::PaddingRule;
use crate::ops::{Op, Reduce, ReduceKind};
use fovea_core::{DType, Error, Result, TensorType};
use serde::{Deserialize, Serialize};
use spatial::Paddings;

/// Makes the enum of all composites from the one list: documentation, op, name, attributes, formula.
macro_rules! composites {
    ($($(#[$doc:meta])* $op:ident $name:literal { $($field:ident: $ty:ty),* $(,)? } => $formula:path;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
            #[cfg_attr(feature = "types", derive(ts_rs::TS))]
            #[serde(rename_all = "camelCase", deny_unknown_fields)]
            pub struct $op { $(pub $field: $ty),* }

            impl $op {
                pub const NAME: &'static str = $name;
            }

            impl From<$op> for Composite {
                fn from(op: $op) -> Composite {
                    Composite::$op(op)
                }
            }
        )*

        /// Any composite with its attributes.
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        pub enum Composite { $($op($op)),* }

        impl Composite {
            /// The names of all composites.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The composite of a name and its attributes in JSON; `None` if none has that name.
            pub fn parse(name: &str, json: &str) -> Option<Result<Composite>> {
                match name {
                    $($name => Some(
                        serde_json::from_str::<$op>(json)
                            .map(Composite::$op)
                            .map_err(|e| Error::argument(format!("{name}: {e}"))),
                    ),)*
                    _ => None,
                }
            }

            pub fn name(&self) -> &'static str {
                match self { $(Composite::$op(_) => $name),* }
            }

            /// Tells the attributes of all composites.
            #[cfg(feature = "types")]
            pub(crate) fn types(types: &mut crate::types::Types) {
                $(types.op::<$op>($name);)*
            }

            fn formula<'b>(&self, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
                match self { $(Composite::$op(op) => $formula(op, x)),* }
            }
        }
    };
}

composites! {
    /// `exp(x) / Σ exp(x)` along an axis.
    Softmax "softmax" { axis: i64 } => softmax::softmax;
    /// `log(softmax(x))`, exact where probabilities are small.
    LogSoftmax "logSoftmax" { axis: i64 } => softmax::log_softmax;
    /// `log(Σ exp(x))` over axes, all if none is given.
    LogSumExp "logSumExp" { axes: Vec<i64>, keepdims: bool } => softmax::log_sum_exp;
    /// Mean and population variance over axes (all if none is given), which stay as sides of 1.
    Moments "moments" { axes: Vec<i64> } => normalize::moments;
    /// `(x - mean) / sqrt(variance + epsilon)`, then times gamma (`scale`) plus beta (`center`).
    /// Inputs: x, mean, variance and, as the attributes say, gamma and beta: tensors of the channels
    /// at `axis`, or of x's rank.
    BatchNormalize "batchNormalize" { axis: i64, epsilon: Float, scale: bool, center: bool }
        => normalize::batch_normalize;
    /// The convolution of `[batch, …, channels]` with a kernel `[window…, channels / groups, filters]`,
    /// along one, two or three axes.
    Conv "conv" { strides: Vec<usize>, dilation: Vec<usize>, groups: usize, padding: Paddings }
        => spatial::convolution;
    /// The gradient of a convolution for its input, from `[batch, …, channels]` and a kernel
    /// `[window…, filters, channels]`. `null` stands for Keras's own choice of the output's length.
    ConvTranspose "convTranspose" {
        strides: Vec<usize>,
        dilation: Vec<usize>,
        padding: PaddingRule,
        output_padding: Option<Vec<usize>>,
    } => spatial::transposed;
    /// Each channel of `[batch, …, channels]` through the windows of its own of a kernel
    /// `[window…, channels, multiplier]`.
    DepthwiseConv "depthwiseConv" { strides: Vec<usize>, dilation: Vec<usize>, padding: Paddings }
        => spatial::depthwise;
    /// The greatest of each window of `[batch, …, channels]`, along one, two or three axes.
    MaxPool "maxPool" { pool_size: Vec<usize>, strides: Vec<usize>, padding: Paddings } => spatial::max;
    /// The mean of each window of `[batch, …, channels]`; padding does not count.
    AveragePool "averagePool" { pool_size: Vec<usize>, strides: Vec<usize>, padding: Paddings }
        => spatial::average;
    /// The greatest of each of so many windows that share the axes of `[batch, …, channels]` evenly.
    AdaptiveMaxPool "adaptiveMaxPool" { output_size: Vec<usize> } => spatial::adaptive_max;
    /// The mean of each of so many windows that share the axes of `[batch, …, channels]` evenly.
    AdaptiveAveragePool "adaptiveAveragePool" { output_size: Vec<usize> } => spatial::adaptive_average;
    /// Inputs of every loss: labels and predictions. One value for each sample: the mean over the
    /// last axis of `(labels - predictions)²`.
    MeanSquaredError "meanSquaredError" {} => losses::mean_squared_error;
    /// The mean over the last axis of `|labels - predictions|`.
    MeanAbsoluteError "meanAbsoluteError" {} => losses::mean_absolute_error;
    /// The mean over the last axis of `-(t·log p + (1 - t)·log(1 - p))`.
    BinaryCrossentropy "binaryCrossentropy" { from_logits: bool, label_smoothing: Float }
        => losses::binary_crossentropy;
    /// `-Σ t·log p` along the axis of the classes.
    CategoricalCrossentropy "categoricalCrossentropy" { from_logits: bool, label_smoothing: Float, axis: i64 }
        => losses::categorical_crossentropy;
    /// `-log p[label]` for integer labels; the classes are the last axis. A run fails with
    /// `BAD_ARGUMENT` if a label is not one of the classes.
    SparseCategoricalCrossentropy "sparseCategoricalCrossentropy" { from_logits: bool }
        => losses::sparse_categorical_crossentropy;
}

impl From<Composite> for Op {
    fn from(op: Composite) -> Op {
        Op::Composite(op)
    }
}

impl Composite {
    /// Writes the formula into `b` and gives its results.
    pub fn expand<'b>(&self, b: &'b Builder, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
        debug_assert!(x.iter().all(|s| std::ptr::eq(s.b, b)), "a formula stays in one builder");
        self.formula(x)
    }

    /// The types of the results, read off the formula written for inputs of these types.
    pub fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let b = Builder::new();
        let leaf = |ty: &TensorType| b.leaf(Leaf { kind: LeafKind::Input, ty: ty.clone() });
        let inputs: Vec<Sym> = x.iter().map(leaf).collect();
        let results = self.expand(&b, &inputs)?;
        match b.take_error() {
            Some(Error { code, message, .. }) => Err(Error::new(code, format!("{}: {message}", self.name()))),
            None => Ok(results.into_iter().map(Sym::ty).collect()),
        }
    }
}

/// Checks the number of inputs, for the first line of a formula.
fn inputs<'b, const N: usize>(name: &str, x: &[Sym<'b>]) -> Result<[Sym<'b>; N]> {
    x.try_into().map_err(|_| Error::argument(format!("{name}: expected {N} inputs, received {}", x.len())))
}

impl<'b> Sym<'b> {
    fn float(self) -> Sym<'b> {
        self.cast(DType::F32)
    }

    /// This float32 value in the dtype of `x`, which it was computed from, if that is a float's.
    fn as_float(self, x: Sym<'b>) -> Sym<'b> {
        if x.dtype().is_float() { self.cast(x.dtype()) } else { self }
    }

    /// Reduces over axes, which stay as sides of 1.
    fn reduce_keep(self, kind: ReduceKind, axes: &[usize]) -> Sym<'b> {
        // To `Reduce` no axes are all axes; here a scalar has none.
        if axes.is_empty() { self } else { self.reduce(kind, axes, true) }
    }

    /// Reduces over axes, which go.
    fn reduce_drop(self, kind: ReduceKind, axes: &[usize]) -> Sym<'b> {
        if axes.is_empty() { self } else { self.reduce(kind, axes, false) }
    }

    fn reduce(self, kind: ReduceKind, axes: &[usize], keepdims: bool) -> Sym<'b> {
        self.apply(Reduce { kind, axes: axes.iter().map(|&a| a as i64).collect(), keepdims })
    }

    /// Without axes whose sides are 1.
    fn squeeze(self, axes: &[usize]) -> Sym<'b> {
        self.reduce_drop(ReduceKind::Sum, axes)
    }

    fn stop_gradient(self) -> Sym<'b> {
        self.map(Ew::StopGradient)
    }

    /// Cut to `low … high`.
    fn clip(self, low: f64, high: f64) -> Sym<'b> {
        self.zip(Ew::Maximum, self.number(low)).zip(Ew::Minimum, self.number(high))
    }
}
