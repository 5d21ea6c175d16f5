//! The order of the elements along an axis.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::axes;
use fovea_core::{DType, Result, TensorType};
use fovea_kernels::sort;
use serde::{Deserialize, Serialize};

/// Where along an axis the elements stand, from the smallest to the greatest, as int32. Equal ones
/// stay in their order; NaN counts as the greatest.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ArgSort {
    /// A negative axis counts from the end.
    pub axis: i64,
    /// From the greatest to the smallest.
    pub descending: bool,
}

impl Operator for ArgSort {
    const NAME: &'static str = "argSort";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x] = arity(Self::NAME, x)?;
        axes::axis(Self::NAME, self.axis, &x.shape)?;
        Ok(vec![TensorType::new(DType::I32, x.shape)])
    }

    fn vjp(&self, _: &mut Grad) -> Result<()> {
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let axis = axes::axis(Self::NAME, self.axis, &cx.input_types[0].shape)?;
        let r = sort::ArgSort::new(cx.input_types[0].dtype, &cx.input_sizes(0), axis, self.descending);
        cx.chunks(r.phase, move |chunk, io| {
            // SAFETY: operands have the types that the routine was made for.
            unsafe { r.run(chunk, io.input(0), io.output(0), io.scratch) }
        });
        Ok(())
    }

    fn gpu(&self, _: &Shade) -> Option<Program> {
        None
    }
}
