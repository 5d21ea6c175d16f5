//! Losses as Keras defines them: inputs are labels and predictions, results have one value for
//! each sample. Keras's `Loss` objects reduce them further; that is not done here.

use super::{
    BinaryCrossentropy, CategoricalCrossentropy, LogSoftmax, MeanAbsoluteError, MeanSquaredError,
    SparseCategoricalCrossentropy, inputs,
};
use crate::builder::Sym;
use crate::elementwise::Ew;
use crate::ops::{Pick, ReduceKind, Reshape, axes};
use fovea_core::{DType, Error, Result, Shape};

/// Keras's epsilon: probabilities are cut to `EPSILON … 1 - EPSILON` before their logarithm.
const EPSILON: f64 = 1e-7;

pub(super) fn mean_squared_error<'b>(_: &MeanSquaredError, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let (t, y) = alike(MeanSquaredError::NAME, x)?;
    Ok(vec![mean_last((t - y).map(Ew::Square))])
}

pub(super) fn mean_absolute_error<'b>(_: &MeanAbsoluteError, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let (t, y) = alike(MeanAbsoluteError::NAME, x)?;
    Ok(vec![mean_last((t - y).map(Ew::Abs))])
}

pub(super) fn binary_crossentropy<'b>(op: &BinaryCrossentropy, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let (t, y) = alike(BinaryCrossentropy::NAME, x)?;
    let t = smooth(t, op.label_smoothing.get(), 2.0);
    let loss = if op.from_logits {
        y.map(Ew::Softplus) - y * t
    } else {
        let p = probability(y);
        -(t * p.map(Ew::Log) + (1.0 - t) * (1.0 - p).map(Ew::Log))
    };
    Ok(vec![mean_last(loss)])
}

pub(super) fn categorical_crossentropy<'b>(
    op: &CategoricalCrossentropy,
    x: &[Sym<'b>],
) -> Result<Vec<Sym<'b>>> {
    let name = CategoricalCrossentropy::NAME;
    let [t, y] = inputs(name, x)?;
    let axis = axes::axis(name, op.axis, &y.shape())?;
    if t.shape() != y.shape() {
        let hint = if is_sparse(&t.shape(), &y.shape()) {
            " Use SparseCategoricalCrossentropy for integer labels."
        } else {
            ""
        };
        return Err(Error::shape(format!(
            "{name}: expected one-hot labels of shape {}, as the predictions, received {}.{hint}",
            y.shape(),
            t.shape()
        )));
    }
    let (mut t, y) = (t.float(), y.float());
    if op.label_smoothing.get() != 0.0 {
        let classes = y.shape()[axis].ok_or_else(|| {
            Error::argument(format!("{name}: labels of an unknown number of classes cannot be smoothed"))
        })?;
        t = smooth(t, op.label_smoothing.get(), classes as f64);
    }
    let log_p = if op.from_logits {
        y.compose(LogSoftmax { axis: axis as i64 })
    } else {
        probability(y / y.sum_keep(&[axis])).map(Ew::Log)
    };
    Ok(vec![-(t * log_p).reduce_drop(ReduceKind::Sum, &[axis])])
}

pub(super) fn sparse_categorical_crossentropy<'b>(
    op: &SparseCategoricalCrossentropy,
    x: &[Sym<'b>],
) -> Result<Vec<Sym<'b>>> {
    let name = SparseCategoricalCrossentropy::NAME;
    let [labels, y] = inputs(name, x)?;
    let axis = axes::axis(name, -1, &y.shape())?;
    if !is_sparse(&labels.shape(), &y.shape()) {
        let hint =
            if labels.shape() == y.shape() { " Use CategoricalCrossentropy for one-hot labels." } else { "" };
        return Err(Error::shape(format!(
            "{name}: expected integer labels of shape {} for predictions of shape {}, received {}.{hint}",
            Shape::new(y.shape()[..axis].to_vec()),
            y.shape(),
            labels.shape()
        )));
    }
    let labels = labels.cast(DType::I32);
    let labels = if labels.shape().rank() == y.shape().rank() { labels.squeeze(&[axis]) } else { labels };
    let y = y.float();
    let chosen = |from: Sym<'b>| y.b.one(Pick {}, &[from, labels]);
    Ok(vec![if op.from_logits {
        let most = y.reduce_keep(ReduceKind::Max, &[axis]).stop_gradient();
        let rest = (y - most).map(Ew::Exp).reduce_drop(ReduceKind::Sum, &[axis]);
        rest.map(Ew::Log) - (chosen(y) - most.squeeze(&[axis]))
    } else {
        // Keras cuts each probability first and takes the logarithms as logits.
        let p = probability(y);
        p.reduce_drop(ReduceKind::Sum, &[axis]).map(Ew::Log) - chosen(p).map(Ew::Log)
    }])
}

/// Labels and predictions in one shape. As in Keras, a last side of 1 that only one of them has is
/// taken away, or given to the other where that has rank 1.
fn alike<'b>(name: &str, x: &[Sym<'b>]) -> Result<(Sym<'b>, Sym<'b>)> {
    let [t, y] = inputs(name, x)?;
    let (given_t, given_y) = (t.shape(), y.shape());
    let (t, y) = (t.float(), y.float());
    let (t, y) = if ends_in_one(&given_t, &given_y) {
        same_rank(t, y)
    } else if ends_in_one(&given_y, &given_t) {
        let (y, t) = same_rank(y, t);
        (t, y)
    } else {
        (t, y)
    };
    if y.shape().rank() == 0 {
        return Err(Error::shape(format!(
            "{name}: expected predictions with at least one axis, received {given_y}"
        )));
    }
    if t.shape() != y.shape() {
        return Err(Error::shape(format!(
            "{name}: expected labels of shape {given_y}, as the predictions, received {given_t}"
        )));
    }
    Ok((t, y))
}

/// Whether `long` is a shape of one axis more, a last one of side 1.
fn ends_in_one(long: &Shape, short: &Shape) -> bool {
    long.rank() == short.rank() + 1 && long.last() == Some(&Some(1))
}

fn same_rank<'b>(long: Sym<'b>, short: Sym<'b>) -> (Sym<'b>, Sym<'b>) {
    let rank = short.shape().rank();
    if rank == 1 {
        let column: Shape = short.shape().iter().copied().chain([Some(1)]).collect();
        return (long, short.apply(Reshape::to(&column)));
    }
    (long.squeeze(&[rank]), short)
}

/// Whether labels of this shape are one class for each row of the predictions.
fn is_sparse(labels: &Shape, y: &Shape) -> bool {
    let Some((_, rows)) = y.split_last() else { return false };
    let trailing_one = || labels.split_last().is_some_and(|(&last, front)| last == Some(1) && front == rows);
    labels[..] == *rows || trailing_one()
}

/// Labels drawn towards even probabilities of `classes` classes.
fn smooth(t: Sym<'_>, smoothing: f64, classes: f64) -> Sym<'_> {
    if smoothing == 0.0 { t } else { t * (1.0 - smoothing) + smoothing / classes }
}

fn probability(p: Sym<'_>) -> Sym<'_> {
    p.clip(EPSILON, 1.0 - EPSILON)
}

fn mean_last(x: Sym<'_>) -> Sym<'_> {
    let last = x.shape().rank().saturating_sub(1);
    x.reduce_drop(ReduceKind::Mean, &[last])
}
