//! The gradient of resizing: each pixel's gradient goes back to the pixels it was made of.
//!
//! Input `[n, h', w', c]`, the gradient of the resized images; output `[n, h, w, c]`.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::Resize;
use crate::ops::resize::{Interpolation, check_images, lower, of_size};
use fovea_core::{Result, TensorType};
use serde::{Deserialize, Serialize};

/// Attributes of the resizing and the height and width of its input.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResizeGrad {
    pub interpolation: Interpolation,
    pub antialias: bool,
    pub input_shape: [usize; 2],
}

impl Operator for ResizeGrad {
    const NAME: &'static str = "resizeGrad";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [g] = arity(Self::NAME, x)?;
        check_images(Self::NAME, &g)?;
        Ok(vec![TensorType::new(g.dtype, of_size(&g.shape, self.input_shape))])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let ResizeGrad { interpolation, antialias, .. } = *self;
        let sizes = g.input(0).shape().sizes();
        g.set(0, g.upstream(0).apply(Resize { size: [sizes[1], sizes[2]], interpolation, antialias }));
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let sizes = cx.input_sizes(0);
        let back = |axis: usize| {
            let from = self.input_shape[axis];
            self.interpolation.taps(self.antialias, from, sizes[axis + 1]).transposed(from)
        };
        lower(cx, back(0), back(1));
        Ok(())
    }

    fn gpu(&self, _: &Shade) -> Option<Program> {
        None
    }
}
