//! Tensors one after the other along an axis.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Dispatch, Operand, Program, Shade};
use crate::lower::Lower;
use crate::operator::Operator;
use crate::ops::{Slice, axes, movement};
use fovea_core::{Dim, Error, Result, Shape, TensorType};
use fovea_kernels::movement::Movement;
use serde::{Deserialize, Serialize};

/// Joins one or more tensors of one dtype, whose other sides are equal.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Concat {
    /// A negative axis counts from the end.
    pub axis: i64,
}

impl Operator for Concat {
    const NAME: &'static str = "concat";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let first = x
            .first()
            .ok_or_else(|| Error::argument("concat: expected at least one tensor, received none"))?;
        let axis = axes::axis(Self::NAME, self.axis, &first.shape)?;
        let others = |t: &TensorType| axes::kept(&t.shape, &[axis]);
        for (i, t) in x.iter().enumerate() {
            if t.dtype != first.dtype {
                return Err(Error::argument(format!(
                    "concat: expected tensors of one dtype, received {first} and, as tensor {i}, {t}. Cast one of them."
                )));
            }
            if t.rank() != first.rank() || others(t) != others(first) {
                return Err(Error::shape(format!(
                    "concat: expected tensors whose sides are equal but for axis {axis}, received shape {} and, as tensor {i}, shape {}",
                    first.shape, t.shape
                )));
            }
        }
        let long: Dim = x.iter().try_fold(0usize, |n, t| n.checked_add(t.shape[axis]?));
        let side = |(i, &d): (usize, &Dim)| if i == axis { long } else { d };
        let shape: Shape = first.shape.iter().enumerate().map(side).collect();
        Ok(vec![TensorType::new(first.dtype, shape)])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let dy = g.upstream(0);
        let rank = dy.shape().rank();
        let axis = axes::axis(Self::NAME, self.axis, &dy.shape())?;
        let mut at = 0;
        for i in 0..g.input_count() {
            let next = at + g.input(i).ty().sizes()[axis] as i64;
            let mut part = Slice { begin: vec![0; rank], end: vec![None; rank], step: vec![1; rank] };
            part.begin[axis] = at;
            part.end[axis] = Some(next);
            at = next;
            if g.wanted(i) {
                g.set(i, dy.apply(part));
            }
        }
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let shapes: Vec<Vec<usize>> = cx.input_types.iter().map(TensorType::sizes).collect();
        let shapes: Vec<&[usize]> = shapes.iter().map(Vec::as_slice).collect();
        let axis = axes::axis(Self::NAME, self.axis, &cx.output_types[0].shape)?;
        movement::lower(cx, Movement::concat(cx.isa, cx.output_types[0].dtype.size(), &shapes, axis));
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let axis = axes::axis(Self::NAME, self.axis, &cx.outputs[0].shape).ok()?;
        let row = |sizes: &[usize]| sizes[axis..].iter().product::<usize>();
        let long = row(&cx.outputs[0].sizes());
        let (mut dispatches, mut before) = (Vec::new(), 0);
        for (k, x) in cx.inputs.iter().enumerate() {
            let (n, own) = (x.elements(), row(&x.sizes()));
            if n > 0 {
                let body = format!("y0[i / {own}u * {long}u + i % {own}u + {before}u] = x{k}[i];");
                let operands = vec![Operand::Input(k as u32), Operand::Output(0)];
                dispatches.push(Dispatch::each(&cx.limits, n, operands, String::new(), &body));
            }
            before += own;
        }
        Some(Program { dispatches, temp: 0 })
    }
}
