//! The gradient of a convolution for its input; also a transposed convolution.
//!
//! Inputs: the output's gradient `[n, oh, ow, co]` and the kernel `[kh, kw, c / groups, co]`; output
//! `[n, h, w, c]`.

#[cfg(test)]
mod checked;
mod gpu;

use super::window::{self, Padding};
use super::{Conv2d, Conv2dKernelGrad};
use crate::autodiff::Grad;
use crate::explain::Explanation;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::conv2d::kernel_sides;
use fovea_core::{Result, Shape, TensorType};
use fovea_kernels::conv::{self, Choice};
use fovea_kernels::gemm::Epilogue;
use serde::{Deserialize, Serialize};

/// Attributes of the convolution and the height and width of its input.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Conv2dInputGrad {
    pub strides: [usize; 2],
    pub dilation: [usize; 2],
    pub groups: usize,
    pub padding: Padding,
    pub input_shape: [usize; 2],
}

impl Operator for Conv2dInputGrad {
    const NAME: &'static str = "conv2dInputGrad";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [g, kernel] = arity(Self::NAME, x)?;
        let [n, ..] = window::nhwc(Self::NAME, "gradient", &g)?;
        let (_, per_group, co) = kernel_sides(Self::NAME, &kernel)?;
        self.conv().check_groups(Self::NAME, Some(co))?;
        let [h, w] = self.input_shape.map(Some);
        let c = per_group.checked_mul(self.groups);
        let x = TensorType::new(g.dtype, Shape::new(vec![n, h, w, c]));
        let y = self.conv().output(Self::NAME, &x, &kernel)?;
        window::same_shape(Self::NAME, "a gradient", &y, &g)?;
        Ok(vec![x])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let (dy, kernel, u) = (g.input(0), g.input(1), g.upstream(0));
        if g.wanted(0) {
            g.set(0, g.b.one(self.conv(), &[u, kernel]));
        }
        if g.wanted(1) {
            let Conv2dInputGrad { strides, dilation, groups, padding, .. } = *self;
            let (kernel_size, ..) = kernel_sides(Self::NAME, &kernel.ty())?;
            let kernel_grad = Conv2dKernelGrad { strides, dilation, groups, padding, kernel_size };
            g.set(1, g.b.one(kernel_grad, &[u, dy]));
        }
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        self.lower(cx, Epilogue::default())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        self.shade(cx)
    }
}

impl Conv2dInputGrad {
    /// The gradient and what follows it, whose operands are the inputs after the kernel.
    pub(crate) fn lower(&self, cx: &mut Lower, epilogue: Epilogue) -> Result<()> {
        let shape = self.conv().lowered(&cx.output_sizes(0), &cx.input_sizes(1), &cx.input_sizes(0));
        let floats = cx.floats();
        let choice = Choice::input_grad(cx.isa, cx.precision, &shape, floats.inputs);
        let routine = conv::input_grad(cx.isa, choice.algorithm, &shape, epilogue, floats);
        let explanation = Explanation { op: Self::NAME, sizes: &shape, floats, how: &choice };
        // SAFETY: the operands have the sizes of `shape`, which was made from their types.
        unsafe { cx.planned(&explanation, epilogue, None, routine) };
        cx.may_overwrite_beside(epilogue);
        Ok(())
    }

    /// The convolution whose gradient this is.
    pub fn conv(&self) -> Conv2d {
        let Conv2dInputGrad { strides, dilation, groups, padding, .. } = *self;
        Conv2d { strides, dilation, groups, padding }
    }
}
