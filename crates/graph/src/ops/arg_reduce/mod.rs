//! Where along an axis the largest or smallest element stands.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::axes;
use fovea_core::{DType, Error, Result, TensorType};
use fovea_kernels::reduce::{self, ArgOp};
use serde::{Deserialize, Serialize};

/// Which extreme an [`ArgReduce`] looks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ArgKind {
    Max,
    Min,
}

/// The int32 index of an extreme along one axis, which the result lacks; the first of equals.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ArgReduce {
    pub kind: ArgKind,
    /// A negative axis counts from the end.
    pub axis: i64,
}

impl Operator for ArgReduce {
    const NAME: &'static str = "argReduce";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let name = match self.kind {
            ArgKind::Max => "argmax",
            ArgKind::Min => "argmin",
        };
        let [x] = arity(name, x)?;
        let axis = axes::axis(name, self.axis, &x.shape)?;
        if x.shape[axis] == Some(0) {
            return Err(Error::shape(format!(
                "{name}: expected at least one element along axis {axis}, received {x}"
            )));
        }
        Ok(vec![TensorType::new(DType::I32, axes::dropped(&x.shape, &[axis]))])
    }

    fn vjp(&self, _: &mut Grad) -> Result<()> {
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let axis = axes::axis(Self::NAME, self.axis, &cx.input_types[0].shape)?;
        let kind = match self.kind {
            ArgKind::Max => ArgOp::Max,
            ArgKind::Min => ArgOp::Min,
        };
        let r = reduce::ArgReduce::new(cx.isa, kind, cx.input_types[0].dtype, &cx.input_sizes(0), &[axis]);
        cx.routine(r.phases().to_vec(), r.temp(), move |phase, chunk, io| {
            // SAFETY: operands have the types that the routine was made for.
            unsafe { r.run(phase, chunk, io.input(0), io.output(0), io.scratch) }
        });
        Ok(())
    }
}
