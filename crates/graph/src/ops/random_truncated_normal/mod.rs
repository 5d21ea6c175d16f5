//! Normal random numbers without their tails.

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

/// float32 numbers of the normal distribution with mean 0 and deviation 1, cut at -2 and 2.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct RandomTruncatedNormal {
    /// Empty if a second input gives the shape.
    pub shape: Vec<usize>,
}

impl Operator for RandomTruncatedNormal {
    const NAME: &'static str = "randomTruncatedNormal";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        random::infer(Self::NAME, &self.shape, DType::F32, x)
    }

    fn vjp(&self, _: &mut Grad) -> Result<()> {
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        random::lower(cx, Draw::TruncatedNormal);
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let each = "truncated_normal(w.x), truncated_normal(w.y), truncated_normal(w.z), truncated_normal(w.w)";
        Some(random::shade(cx, &format!("vec4<f32>({each})")))
    }
}
