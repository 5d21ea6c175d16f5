//! Indices as rows with a single 1.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::gather::check_indices;
use fovea_core::{DType, Result, TensorType};
use serde::{Deserialize, Serialize};

/// From int32 indices float32 rows of `depth`, along a new last axis; an index out of range gives
/// zeros, as in Keras.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
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
        let _ = cx;
        todo!()
    }
}
