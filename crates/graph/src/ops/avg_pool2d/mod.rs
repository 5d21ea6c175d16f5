//! The mean of each window; padding is not counted.
//!
//! Input: x `[n, h, w, c]`; output `[n, oh, ow, c]`.

#[cfg(test)]
pub(crate) mod checked;
mod gpu;

use super::AvgPool2dGrad;
use super::pooling;
use super::window::{self, Padding, Window};
use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use fovea_core::{Result, TensorType};
use fovea_kernels::pool::AvgPool;
use serde::{Deserialize, Serialize};

/// Attributes; pairs are (height, width).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AvgPool2d {
    pub pool_size: [usize; 2],
    pub strides: [usize; 2],
    pub padding: Padding,
}

impl Operator for AvgPool2d {
    const NAME: &'static str = "avgPool2d";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x] = arity(Self::NAME, x)?;
        Ok(vec![self.window().pooled(Self::NAME, &x)?])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let AvgPool2d { pool_size, strides, padding } = *self;
        let input_shape = window::known_sides(Self::NAME, &g.input(0).ty())?;
        let back = AvgPool2dGrad { pool_size, strides, padding, input_shape };
        g.set(0, g.upstream(0).apply(back));
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let shape = self.window().lowered(&cx.input_sizes(0), &cx.output_sizes(0));
        let pool = AvgPool::new(cx.isa, shape);
        pooling::lower(cx, (Self::NAME, &shape), "cell by cell", pool.phase, move |chunk, io| {
            // SAFETY: the operands have the sizes of `shape`, which was made from their types.
            unsafe { pool.run(chunk, io.input(0), io.output(0)) }
        });
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        self.shade(cx)
    }
}

impl AvgPool2d {
    pub(crate) fn window(&self) -> Window {
        pooling::window(self.pool_size, self.strides, self.padding)
    }
}
