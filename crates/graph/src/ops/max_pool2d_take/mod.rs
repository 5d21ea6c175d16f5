//! From each window the element that an index of max pooling names: the gradient of max pooling's
//! gradient.
//!
//! Inputs: x `[n, h, w, c]` and the index `[n, oh, ow, c]`; output `[n, oh, ow, c]`.

#[cfg(test)]
pub(crate) mod checked;

use super::pooling;
use super::window::{self, Padding, Window};
use super::MaxPool2dGrad;
use crate::autodiff::Grad;
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use fovea_core::{Result, TensorType};
use fovea_kernels::pool::MaxPoolTake;
use serde::{Deserialize, Serialize};

/// Attributes of the pooling.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MaxPool2dTake {
    pub pool_size: [usize; 2],
    pub strides: [usize; 2],
    pub padding: Padding,
}

impl Operator for MaxPool2dTake {
    const NAME: &'static str = "maxPool2dTake";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x, index] = arity(Self::NAME, x)?;
        let y = self.window().pooled(Self::NAME, &x)?;
        self.window().check_index(Self::NAME, &y, &index)?;
        Ok(vec![y])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let MaxPool2dTake { pool_size, strides, padding } = *self;
        let input_shape = window::known_sides(Self::NAME, &g.input(0).ty())?;
        let back = MaxPool2dGrad { pool_size, strides, padding, input_shape };
        g.set(0, g.b.one(back, &[g.upstream(0), g.input(1)]));
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let shape = self.window().lowered(&cx.input_sizes(0), &cx.output_sizes(0));
        let pool = MaxPoolTake::new(cx.isa, &shape);
        cx.routine(&pool.phases().to_vec(), pool.temp(), move |phase, chunk, io| {
            // SAFETY: the operands have the sizes of `shape`, which was made from their types.
            unsafe { pool.run(phase, chunk, io.input(0), io.input(1), io.output(0)) }
        });
        Ok(())
    }
}

impl MaxPool2dTake {
    pub(crate) fn window(&self) -> Window {
        pooling::window(self.pool_size, self.strides, self.padding)
    }
}
