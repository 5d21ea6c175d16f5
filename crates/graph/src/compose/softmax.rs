//! Softmax and its logarithms. The maximum is subtracted before `exp`, so that nothing overflows;
//! it cancels, so that no gradient goes through it. All is computed in float32.

use super::{LogSoftmax, LogSumExp, Softmax, inputs};
use crate::builder::Sym;
use crate::elementwise::Ew;
use crate::ops::{Op, ReduceKind, axes};
use fovea_core::Result;

pub(super) fn softmax<'b>(op: &Softmax, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let (shifted, axis) = shifted(Softmax::NAME, op.axis, x)?;
    let e = shifted.map(Ew::Exp);
    Ok(vec![(e / e.sum_keep(&[axis])).as_float(x[0])])
}

pub(super) fn log_softmax<'b>(op: &LogSoftmax, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let (shifted, axis) = shifted(LogSoftmax::NAME, op.axis, x)?;
    Ok(vec![(shifted - shifted.map(Ew::Exp).sum_keep(&[axis]).map(Ew::Log)).as_float(x[0])])
}

pub(super) fn log_sum_exp<'b>(op: &LogSumExp, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let [given] = inputs(LogSumExp::NAME, x)?;
    let axes = axes::axes(LogSumExp::NAME, &op.axes, &given.shape())?;
    let x = given.float();
    let most = x.reduce_keep(ReduceKind::Max, &axes).stop_gradient();
    // Where all are -∞, or one is +∞, subtracting the maximum would give NaN.
    let most = x.b.one(Op::Elementwise(Ew::Where), &[most.map(Ew::IsFinite), most, most.number(0.0)]);
    let y = (x - most).map(Ew::Exp).sum_keep(&axes).map(Ew::Log) + most;
    let y = y.as_float(given);
    Ok(vec![if op.keepdims { y } else { y.squeeze(&axes) }])
}

/// `x` less its maximum along an axis, and which axis that is.
fn shifted<'b>(name: &str, axis: i64, x: &[Sym<'b>]) -> Result<(Sym<'b>, usize)> {
    let [x] = inputs(name, x)?;
    let axis = axes::axis(name, axis, &x.shape())?;
    let x = x.float();
    Ok((x - x.reduce_keep(ReduceKind::Max, &[axis]).stop_gradient(), axis))
}
