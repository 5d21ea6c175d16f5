//! Coins that are flipped: the mask of a dropout.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::elementwise::Scalar;
use crate::elementwise::shader::constant;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::Operator;
use crate::ops::attribute::Float;
use crate::ops::random;
use fovea_core::{DType, Error, Result, TensorType};
use fovea_kernels::random::Draw;
use serde::{Deserialize, Serialize};

/// float32 numbers that are `scale` with probability `p` and else 0.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct RandomBernoulli {
    /// Empty if a second input gives the shape.
    pub shape: Vec<usize>,
    /// From 0 to 1.
    pub p: Float,
    pub scale: Float,
}

impl Operator for RandomBernoulli {
    const NAME: &'static str = "randomBernoulli";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        if !(0.0..=1.0).contains(&self.p.get()) {
            return Err(Error::argument(format!(
                "randomBernoulli: expected a probability from 0 to 1, received {:?}",
                self.p
            )));
        }
        random::infer(Self::NAME, &self.shape, DType::F32, x)
    }

    fn vjp(&self, _: &mut Grad) -> Result<()> {
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        random::lower(cx, Draw::Bernoulli { p: self.p.get(), on: self.scale.get() as f32 });
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let on = constant(Scalar::new(DType::F32, self.scale.get()));
        // The words below this number: all of them if it does not fit one.
        let drawn = match u32::try_from((self.p.get() * 4_294_967_296.0).round() as u64) {
            Ok(threshold) => format!("select(vec4<f32>(), vec4<f32>({on}), w < vec4<u32>({threshold}u))"),
            Err(_) => format!("vec4<f32>({on})"),
        };
        Some(random::shade(cx, &drawn))
    }
}
