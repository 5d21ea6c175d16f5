//! Two-dimensional convolution (cross-correlation, as in Keras): strides, dilation, groups.
//!
//! Inputs: x `[n, h, w, c]` and a kernel `[kh, kw, c / groups, co]`; output `[n, oh, ow, co]`.

#[cfg(test)]
pub(crate) mod checked;
mod gpu;

use super::window::{self, Padding, Window};
use super::{Conv2dInputGrad, Conv2dKernelGrad};
use crate::autodiff::Grad;
use crate::builder::Sym;
use crate::explain::Explanation;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use fovea_core::{Dim, Error, Result, Shape, TensorType};
use fovea_kernels::conv::{self, Choice, ConvShape};
use fovea_kernels::gemm::Epilogue;
use serde::{Deserialize, Serialize};

/// Attributes of a convolution; pairs are (height, width).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Conv2d {
    pub strides: [usize; 2],
    pub dilation: [usize; 2],
    pub groups: usize,
    pub padding: Padding,
}

impl Operator for Conv2d {
    const NAME: &'static str = "conv2d";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x, kernel] = arity(Self::NAME, x)?;
        Ok(vec![self.output(Self::NAME, &x, &kernel)?])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let (x, kernel, dy) = (g.input(0), g.input(1), g.upstream(0));
        // With the kernel's gradient first, the input's is the last to read the input, if that is for the slope of
        // an activation at all, and may be written over it. But a kernel is not updated before both are there:
        // its gradient waits for the other, which is no gain if it is larger.
        let elements = |x: Sym| x.ty().elements();
        let kernel_first = g.wanted(1) && elements(kernel) <= elements(x);
        for i in if kernel_first { [1, 0] } else { [0, 1] } {
            match i {
                _ if !g.wanted(i) => {}
                0 => g.set(0, g.b.one(self.input_grad(&x.ty())?, &[dy, kernel])),
                _ => g.set(1, g.b.one(self.kernel_grad(&kernel.ty())?, &[x, dy])),
            }
        }
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        self.lower(cx, Epilogue::default())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        self.shade(cx, Epilogue::default())
    }
}

impl Conv2d {
    /// The convolution and what follows it, whose operands are the inputs after the kernel.
    pub(crate) fn lower(&self, cx: &mut Lower, epilogue: Epilogue) -> Result<()> {
        let shape = self.lowered(&cx.input_sizes(0), &cx.input_sizes(1), &cx.output_sizes(0));
        let floats = cx.floats();
        let choice = Choice::forward(cx.isa, cx.precision, &shape, floats.inputs);
        let routine = conv::forward(cx.isa, choice.algorithm, &shape, epilogue, floats, cx.lasts(1));
        let explanation = Explanation { op: Self::NAME, sizes: &shape, floats, how: &choice };
        // SAFETY: the operands have the sizes of `shape`, which was made from their types.
        unsafe { cx.planned(&explanation, epilogue, None, routine) };
        cx.may_overwrite_beside(epilogue);
        Ok(())
    }

    /// The type of the output, on behalf of `op`: this one or a gradient.
    pub(crate) fn output(&self, op: &str, x: &TensorType, kernel: &TensorType) -> Result<TensorType> {
        let [n, h, w, c] = window::nhwc(op, "input", x)?;
        let (size, per_group, co) = kernel_sides(op, kernel)?;
        window::alike(op, x, kernel)?;
        self.check_groups(op, Some(co))?;
        if per_group.checked_mul(self.groups) != c {
            let groups =
                if self.groups == 1 { String::new() } else { format!(" and groups: {}", self.groups) };
            return Err(Error::shape(format!(
                "{op}: the channels of the input and of the kernel differ: expected an input [batch, height, \
                 width, {}] for a kernel {}{groups}, received shape {}",
                per_group.saturating_mul(self.groups),
                kernel.shape,
                x.shape
            )));
        }
        let [oh, ow] = self.window(size).outputs(op, [h, w])?;
        Ok(TensorType::new(x.dtype, Shape::new(vec![n, oh, ow, Some(co)])))
    }

    /// Refuses groups that do not divide the output channels.
    pub(crate) fn check_groups(&self, op: &str, channels: Dim) -> Result<()> {
        if self.groups >= 1 && channels.is_none_or(|co| co.is_multiple_of(self.groups)) {
            return Ok(());
        }
        Err(Error::argument(format!(
            "{op}: groups must divide the number of channels, received groups: {} for {} channels",
            self.groups,
            channels.map_or("null".to_string(), |n| n.to_string())
        )))
    }

    /// The convolution as the kernels want it, from the sizes of input, kernel and output.
    pub(crate) fn lowered(&self, x: &[usize], kernel: &[usize], y: &[usize]) -> ConvShape {
        ConvShape {
            n: x[0],
            h: x[1],
            w: x[2],
            c: x[3],
            kh: kernel[0],
            kw: kernel[1],
            co: kernel[3],
            oh: y[1],
            ow: y[2],
            stride: self.strides,
            dilation: self.dilation,
            pad: self.window([kernel[0], kernel[1]]).before([x[1], x[2]]),
            groups: self.groups,
        }
    }

    pub(crate) fn window(&self, size: [usize; 2]) -> Window {
        Window { size, strides: self.strides, dilation: self.dilation, padding: self.padding }
    }

    fn input_grad(&self, x: &TensorType) -> Result<Conv2dInputGrad> {
        let Conv2d { strides, dilation, groups, padding } = *self;
        let input_shape = window::known_sides(Self::NAME, x)?;
        Ok(Conv2dInputGrad { strides, dilation, groups, padding, input_shape })
    }

    fn kernel_grad(&self, kernel: &TensorType) -> Result<Conv2dKernelGrad> {
        let Conv2d { strides, dilation, groups, padding } = *self;
        let (kernel_size, ..) = kernel_sides(Self::NAME, kernel)?;
        Ok(Conv2dKernelGrad { strides, dilation, groups, padding, kernel_size })
    }
}

/// Height and width, input channels of a group and output channels of a kernel.
pub(crate) fn kernel_sides(op: &str, kernel: &TensorType) -> Result<([usize; 2], usize, usize)> {
    window::float(op, "kernel", kernel)?;
    match kernel.shape.dims() {
        &[Some(kh), Some(kw), Some(c), Some(co)] if c > 0 && co > 0 => Ok(([kh, kw], c, co)),
        _ => Err(Error::shape(format!(
            "{op}: expected a 4-D kernel [height, width, input channels / groups, output channels] with known \
             sides of at least 1, received shape {}",
            kernel.shape
        ))),
    }
}
