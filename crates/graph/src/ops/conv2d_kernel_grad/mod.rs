//! The gradient of a convolution for its kernel.
//!
//! Inputs: x `[n, h, w, c]` and the output's gradient `[n, oh, ow, co]`; output
//! `[kh, kw, c / groups, co]`.

#[cfg(test)]
mod checked;
mod gpu;

use super::window::{self, Padding};
use super::{Conv2d, Conv2dInputGrad};
use crate::autodiff::Grad;
use crate::explain::Explanation;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use fovea_core::{Result, Shape, TensorType};
use fovea_kernels::conv::{self, Choice};
use fovea_kernels::gemm::Epilogue;
use serde::{Deserialize, Serialize};

/// Attributes of the convolution and the height and width of its kernel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Conv2dKernelGrad {
    pub strides: [usize; 2],
    pub dilation: [usize; 2],
    pub groups: usize,
    pub padding: Padding,
    pub kernel_size: [usize; 2],
}

impl Operator for Conv2dKernelGrad {
    const NAME: &'static str = "conv2dKernelGrad";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x, g] = arity(Self::NAME, x)?;
        let [.., c] = window::nhwc(Self::NAME, "input", &x)?;
        let [.., co] = window::nhwc(Self::NAME, "gradient", &g)?;
        self.conv().check_groups(Self::NAME, c)?;
        let [kh, kw] = self.kernel_size.map(Some);
        let shape = Shape::new(vec![kh, kw, c.map(|c| c / self.groups), co]);
        let kernel = TensorType::new(x.dtype, shape);
        let y = self.conv().output(Self::NAME, &x, &kernel)?;
        window::same_shape(Self::NAME, "a gradient", &y, &g)?;
        Ok(vec![kernel])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let (x, dy, u) = (g.input(0), g.input(1), g.upstream(0));
        if g.wanted(0) {
            let Conv2dKernelGrad { strides, dilation, groups, padding, .. } = *self;
            let input_shape = window::known_sides(Self::NAME, &x.ty())?;
            let input_grad = Conv2dInputGrad { strides, dilation, groups, padding, input_shape };
            g.set(0, g.b.one(input_grad, &[dy, u]));
        }
        if g.wanted(1) {
            g.set(1, g.b.one(self.conv(), &[x, u]));
        }
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let shape = self.conv().lowered(&cx.input_sizes(0), &cx.output_sizes(0), &cx.input_sizes(1));
        let floats = cx.floats();
        let choice = Choice::kernel_grad(cx.isa, cx.precision, &shape, floats.inputs);
        let routine = conv::kernel_grad(cx.isa, choice.algorithm, &shape, floats);
        let explanation = Explanation { op: Self::NAME, sizes: &shape, floats, how: &choice };
        // SAFETY: the operands have the sizes of `shape`, which was made from their types.
        unsafe { cx.planned(&explanation, Epilogue::default(), None, routine) };
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        self.shade(cx)
    }
}

impl Conv2dKernelGrad {
    /// The convolution whose gradient this is.
    pub fn conv(&self) -> Conv2d {
        let Conv2dKernelGrad { strides, dilation, groups, padding, .. } = *self;
        Conv2d { strides, dilation, groups, padding }
    }
}
