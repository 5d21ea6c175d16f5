//! The gradient of max pooling: each gradient goes where the index says, and those that meet add.
//!
//! Inputs: the output's gradient and the index, both `[n, oh, ow, c]`; output `[n, h, w, c]`.

#[cfg(test)]
pub(crate) mod checked;
mod gpu;

use super::MaxPool2dTake;
use super::pooling;
use super::window::{Padding, Window};
use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use fovea_core::{Result, TensorType};
use fovea_kernels::pool::MaxPoolGrad;
use serde::{Deserialize, Serialize};

/// Attributes of the pooling and the height and width of its input.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MaxPool2dGrad {
    pub pool_size: [usize; 2],
    pub strides: [usize; 2],
    pub padding: Padding,
    pub input_shape: [usize; 2],
}

impl Operator for MaxPool2dGrad {
    const NAME: &'static str = "maxPool2dGrad";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [g, index] = arity(Self::NAME, x)?;
        let x = self.window().unpooled(Self::NAME, &g, self.input_shape)?;
        self.window().check_index(Self::NAME, &g, &index)?;
        Ok(vec![x])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let MaxPool2dGrad { pool_size, strides, padding, .. } = *self;
        let take = MaxPool2dTake { pool_size, strides, padding };
        g.set(0, g.b.one(take, &[g.upstream(0), g.input(1)]));
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let shape = self.window().lowered(&cx.output_sizes(0), &cx.input_sizes(0));
        let pool = MaxPoolGrad::new(cx.isa, shape);
        pooling::lower(cx, (Self::NAME, &shape), pool.how(), pool.phase, move |chunk, io| {
            // SAFETY: the operands have the sizes of `shape`, which was made from their types.
            unsafe { pool.run(chunk, io.input(0), io.input(1), io.output(0)) }
        });
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        self.shade(cx)
    }
}

impl MaxPool2dGrad {
    pub(crate) fn window(&self) -> Window {
        pooling::window(self.pool_size, self.strides, self.padding)
    }
}
