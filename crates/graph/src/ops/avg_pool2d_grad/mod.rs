//! The gradient of average pooling: each gradient is shared among the elements of its window.
//!
//! Input: the output's gradient `[n, oh, ow, c]`; output `[n, h, w, c]`.

#[cfg(test)]
pub(crate) mod checked;
mod gpu;

use super::AvgPool2d;
use super::pooling;
use super::window::{Padding, Window};
use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use fovea_core::{Result, TensorType};
use fovea_kernels::pool::AvgPoolGrad;
use serde::{Deserialize, Serialize};

/// Attributes of the pooling and the height and width of its input.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AvgPool2dGrad {
    pub pool_size: [usize; 2],
    pub strides: [usize; 2],
    pub padding: Padding,
    pub input_shape: [usize; 2],
}

impl Operator for AvgPool2dGrad {
    const NAME: &'static str = "avgPool2dGrad";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [g] = arity(Self::NAME, x)?;
        Ok(vec![self.window().unpooled(Self::NAME, &g, self.input_shape)?])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let AvgPool2dGrad { pool_size, strides, padding, .. } = *self;
        g.set(0, g.upstream(0).apply(AvgPool2d { pool_size, strides, padding }));
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let shape = self.window().lowered(&cx.output_sizes(0), &cx.input_sizes(0));
        let pool = AvgPoolGrad::new(cx.isa, shape);
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

impl AvgPool2dGrad {
    pub(crate) fn window(&self) -> Window {
        pooling::window(self.pool_size, self.strides, self.padding)
    }
}
