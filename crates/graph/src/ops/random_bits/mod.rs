//! Random words.

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

/// uint32 words, all equally likely.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct RandomBits {
    /// Empty if a second input gives the shape.
    pub shape: Vec<usize>,
}

impl Operator for RandomBits {
    const NAME: &'static str = "randomBits";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        random::infer(Self::NAME, &self.shape, DType::U32, x)
    }

    fn vjp(&self, _: &mut Grad) -> Result<()> {
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        random::lower(cx, Draw::Words);
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        Some(random::shade(cx, "w"))
    }
}
