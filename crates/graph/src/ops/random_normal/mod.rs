//! Normal random numbers.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::Operator;
use crate::ops::random;
use fovea_core::{DType, Result, TensorType};
use fovea_kernels::random::Draw;
use serde::{Deserialize, Serialize};

/// float32 numbers with mean 0 and deviation 1.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct RandomNormal {
    /// Empty if a second input gives the shape.
    pub shape: Vec<usize>,
}

impl Operator for RandomNormal {
    const NAME: &'static str = "randomNormal";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        random::infer(Self::NAME, &self.shape, DType::F32, x)
    }

    fn vjp(&self, _: &mut Grad) -> Result<()> {
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        random::lower(cx, Draw::Normal);
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        Some(random::shade(cx, "vec4<f32>(normal_pair(w.xy), normal_pair(w.zw))"))
    }
}
