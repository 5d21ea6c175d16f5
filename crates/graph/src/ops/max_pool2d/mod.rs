//! The largest element of each window, and where in the window it is: the first of equals, as in
//! TensorFlow. Padding never wins.
//!
//! Input: x `[n, h, w, c]`; outputs: value and index, both `[n, oh, ow, c]`. The index counts the
//! window's places row by row; it is uint8 if the window has at most 256 places, else int32.

#[cfg(test)]
pub(crate) mod checked;
mod gpu;

use super::MaxPool2dGrad;
use super::pooling;
use super::window::{self, Padding, Window};
use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use fovea_core::{Result, TensorType};
use fovea_kernels::pool::MaxPool;
use serde::{Deserialize, Serialize};

/// Attributes; pairs are (height, width).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MaxPool2d {
    pub pool_size: [usize; 2],
    pub strides: [usize; 2],
    pub padding: Padding,
}

impl Operator for MaxPool2d {
    const NAME: &'static str = "maxPool2d";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x] = arity(Self::NAME, x)?;
        let y = self.window().pooled(Self::NAME, &x)?;
        let index = TensorType::new(pooling::index_dtype(self.pool_size), y.shape.clone());
        Ok(vec![y, index])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let MaxPool2d { pool_size, strides, padding } = *self;
        let input_shape = window::known_sides(Self::NAME, &g.input(0).ty())?;
        let back = MaxPool2dGrad { pool_size, strides, padding, input_shape };
        g.set(0, g.b.one(back, &[g.upstream(0), g.output(1)]));
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let shape = self.window().lowered(&cx.input_sizes(0), &cx.output_sizes(0));
        let pool = MaxPool::new(cx.isa, shape);
        pooling::lower(cx, (Self::NAME, &shape), pool.how(), pool.phase, move |chunk, io| {
            // SAFETY: the operands have the sizes of `shape`, which was made from their types.
            unsafe { pool.run(chunk, io.input(0), io.output(0), io.output(1)) }
        });
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        self.shade(cx)
    }
}

impl MaxPool2d {
    pub(crate) fn window(&self) -> Window {
        pooling::window(self.pool_size, self.strides, self.padding)
    }
}
