//! Sums, means, products, extremes and quantifiers over axes.

#[cfg(test)]
mod checked;
pub(crate) mod gpu;

use crate::autodiff::Grad;
use crate::builder::Sym;
use crate::elementwise::Ew;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::{Reshape, axes};
use fovea_core::{DType, Error, Result, TensorType};
use fovea_kernels::reduce::ReduceOp;
use serde::{Deserialize, Serialize};

/// What a [`Reduce`] makes of the elements along its axes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ReduceKind {
    /// Small integers and bool are summed in 32 bits: a sum of bool counts.
    Sum,
    /// Of integers and bool it is float32.
    Mean,
    /// Small integers and bool are multiplied in 32 bits.
    Prod,
    Max,
    Min,
    /// Of bool.
    All,
    /// Of bool.
    Any,
}

/// Reduces a tensor over some axes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Reduce {
    pub kind: ReduceKind,
    /// Negative axes count from the end; none means all axes.
    pub axes: Vec<i64>,
    /// Whether the axes stay, as sides of 1.
    pub keepdims: bool,
}

impl ReduceKind {
    /// Its name in messages.
    fn name(self) -> &'static str {
        match self {
            ReduceKind::Sum => "sum",
            ReduceKind::Mean => "mean",
            ReduceKind::Prod => "prod",
            ReduceKind::Max => "max",
            ReduceKind::Min => "min",
            ReduceKind::All => "all",
            ReduceKind::Any => "any",
        }
    }

    fn kernel(self) -> ReduceOp {
        match self {
            ReduceKind::Sum => ReduceOp::Sum,
            ReduceKind::Mean => ReduceOp::Mean,
            ReduceKind::Prod => ReduceOp::Prod,
            ReduceKind::Max => ReduceOp::Max,
            ReduceKind::Min => ReduceOp::Min,
            ReduceKind::All => ReduceOp::All,
            ReduceKind::Any => ReduceOp::Any,
        }
    }

    /// The dtype of the result, Keras's rule.
    fn result(self, x: &TensorType) -> Result<DType> {
        match (self, x.dtype) {
            (ReduceKind::Mean, dtype) if !dtype.is_float() => Ok(DType::F32),
            (ReduceKind::Sum | ReduceKind::Prod, DType::Bool | DType::I8) => Ok(DType::I32),
            (ReduceKind::Sum | ReduceKind::Prod, DType::U8) => Ok(DType::U32),
            (ReduceKind::All | ReduceKind::Any, DType::Bool) => Ok(DType::Bool),
            (ReduceKind::All | ReduceKind::Any, _) => Err(Error::argument(format!(
                "{}: expected bool, received {x}. Compare it with something first.",
                self.name()
            ))),
            (_, dtype) => Ok(dtype),
        }
    }
}

impl Reduce {
    /// The operand in the dtype of the result, in which the kernel runs; `None` if it is.
    pub(crate) fn widened<'b>(&self, x: Sym<'b>) -> Option<Sym<'b>> {
        let to = self.kind.result(&x.ty()).ok()?;
        (x.dtype() != to).then(|| x.cast(to))
    }
}

impl Operator for Reduce {
    const NAME: &'static str = "reduce";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let name = self.kind.name();
        let [x] = arity(name, x)?;
        let axes = axes::axes(name, &self.axes, &x.shape)?;
        let extreme = matches!(self.kind, ReduceKind::Max | ReduceKind::Min);
        if extreme && axes.iter().any(|&a| x.shape[a] == Some(0)) {
            return Err(Error::shape(format!(
                "{name}: expected at least one element along the reduced axes, received {x}"
            )));
        }
        let shape = if self.keepdims { axes::kept(&x.shape, &axes) } else { axes::dropped(&x.shape, &axes) };
        Ok(vec![TensorType::new(self.kind.result(&x)?, shape)])
    }

    /// Ties share the gradient of an extreme equally. The gradient of a product is right where
    /// elements are 0, but a second derivative is not: it would need products of all but two.
    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let x = g.input(0);
        let shape = x.shape();
        let axes = axes::axes(self.kind.name(), &self.axes, &shape)?;
        let kept = Reshape::to(&axes::kept(&shape, &axes));
        let dy = g.upstream(0).apply(kept.clone());
        let dx = match self.kind {
            ReduceKind::Sum => dy.broadcast_to(&shape),
            ReduceKind::Mean => {
                let count = axes.iter().map(|&a| shape[a]).product::<Option<usize>>().ok_or_else(|| {
                    Error::internal(format!("the gradient of a mean over unknown sides of {shape}"))
                })?;
                (dy * (1.0 / count as f64)).broadcast_to(&shape)
            }
            ReduceKind::Prod => dy * product_of_others(x, &axes),
            ReduceKind::Max | ReduceKind::Min => {
                let chosen = x.zip(Ew::Equal, g.output(0).apply(kept));
                let ties = chosen.cast(DType::F32).sum_keep(&axes);
                (dy / ties).masked(chosen)
            }
            ReduceKind::All | ReduceKind::Any => return Ok(()),
        };
        g.set(0, dx);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let sizes = cx.input_sizes(0);
        let axes = axes::axes(self.kind.name(), &self.axes, &cx.input_types[0].shape)?;
        let r = fovea_kernels::reduce::Reduce::new(
            cx.isa,
            self.kind.kernel(),
            cx.input_types[0].dtype,
            &sizes,
            &axes,
        );
        cx.routine(r.phases().to_vec(), r.temp(), move |phase, chunk, io| {
            // SAFETY: operands have the types that the routine was made for.
            unsafe { r.run(phase, chunk, io.input(0), io.output(0), io.temp, io.scratch) }
        });
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        self.shade(cx)
    }
}

/// For each element the product of all others along the axes, with no division by 0.
fn product_of_others<'b>(x: Sym<'b>, axes: &[usize]) -> Sym<'b> {
    let zero = x.zip(Ew::Equal, x.number(0.0));
    let rest = x.b.one(crate::ops::Op::Elementwise(Ew::Where), &[zero, x.number(1.0), x]);
    let axes_given = axes.iter().map(|&a| a as i64).collect();
    let product = if axes.is_empty() {
        rest
    } else {
        rest.apply(Reduce { kind: ReduceKind::Prod, axes: axes_given, keepdims: true })
    };
    let zeros = zero.cast(DType::F32).sum_keep(axes);
    let at_zero = product.masked(zeros.zip(Ew::Equal, zeros.number(1.0)));
    let elsewhere = (product / rest).masked(zeros.zip(Ew::Equal, zeros.number(0.0)));
    x.b.one(crate::ops::Op::Elementwise(Ew::Where), &[zero, at_zero, elsewhere])
}
