//! Indices as rows with a single 1.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::gather::check_indices;
use crate::ops::{movement, shade};
use fovea_core::{DType, Result, TensorType};
use fovea_kernels::movement as kernel;
use serde::{Deserialize, Serialize};

/// From integer indices float32 rows of `depth`, along a new last axis; an index out of range gives
/// zeros, as in Keras.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct OneHot {
    pub depth: usize,
}

impl Operator for OneHot {
    const NAME: &'static str = "oneHot";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [indices] = arity(Self::NAME, x)?;
        check_indices(Self::NAME, &indices)?;
        let shape = indices.shape.iter().copied().chain([Some(self.depth)]).collect();
        Ok(vec![TensorType::new(DType::F32, shape)])
    }

    fn vjp(&self, _: &mut Grad) -> Result<()> {
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let (dtype, count) = (cx.input_types[0].dtype, cx.input_types[0].elements());
        let one = movement::element(DType::F32, 1.0);
        let r = kernel::OneHot::new(DType::F32.size(), dtype, count, self.depth, one, 0);
        cx.chunks(r.phase, move |chunk, io| {
            // SAFETY: input 0 has `count` indices, the output a row for each.
            unsafe { r.run(chunk, io.input(0), io.output(0)) }
        });
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let depth = self.depth;
        let at = shade::index(cx.inputs[0].dtype, &format!("x0[i / {depth}u]"));
        Some(shade::each(cx, 1, &format!("y0[i] = f32({at} == i % {depth}u);")))
    }
}
