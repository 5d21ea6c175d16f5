//! The convolution along any number of axes, and the depthwise one.

use super::{Windows, batch_of, sides, typed};
use crate::builder::Sym;
use crate::compose::{Composite, Conv, DepthwiseConv, inputs};
use crate::ops::window::{Window, alike};
use crate::ops::{Concat, Conv2d, Transpose};
use fovea_core::{Error, Result, TensorType};

pub(in crate::compose) fn convolution<'b>(op: &Conv, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let [x, kernel] = inputs(Conv::NAME, x)?;
    let windows = windows(op, &kernel.ty());
    let ty = output(op, &windows, &x.ty(), &kernel.ty())?;
    let formula = |y: &[usize]| match sides(&x.shape()).len() {
        1 => sequence(op, &windows, x, kernel, y),
        2 => x.b.one(image(op, windows.last()), &[x, kernel]),
        _ => volume(op, &windows, x, kernel, y),
    };
    Ok(vec![typed(&[x, kernel], ty, formula)])
}

/// Each channel through windows of its own: a convolution with as many groups as channels.
pub(in crate::compose) fn depthwise<'b>(op: &DepthwiseConv, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let [x, kernel] = inputs(DepthwiseConv::NAME, x)?;
    let shape = kernel.shape();
    let fault = |message: String| Error::shape(format!("{}: {message}", DepthwiseConv::NAME));
    let Some(sizes) = shape.known().filter(|sizes| sizes.len() >= 3) else {
        return Err(fault(format!(
            "expected a kernel [window…, channels, multiplier], received shape {shape}"
        )));
    };
    let (window, ends) = sizes.split_at(sizes.len() - 2);
    let groups = ends[0];
    if x.shape().dims().last() != Some(&Some(groups)) {
        return Err(fault(format!(
            "the channels of the input and of the kernel differ: expected an input [batch, …, {groups}] for a \
             kernel {shape}, received shape {}",
            x.shape()
        )));
    }
    let DepthwiseConv { strides, dilation, padding } = op.clone();
    let kernel = kernel.reshaped(&[window, &[1, groups * ends[1]]].concat());
    let conv = Composite::Conv(Conv { strides, dilation, groups, padding });
    conv.expand(x.b, &[x, kernel])
}

pub(super) fn windows<'a>(op: &'a Conv, kernel: &TensorType) -> Windows<'a> {
    let size = kernel.shape.iter().take(kernel.rank().saturating_sub(2)).map(|d| d.unwrap_or(0)).collect();
    Windows { size, strides: &op.strides, dilation: op.dilation.clone(), padding: &op.padding }
}

/// The type of the output; refuses operands that do not fit together.
fn output(op: &Conv, windows: &Windows, x: &TensorType, kernel: &TensorType) -> Result<TensorType> {
    windows.check(Conv::NAME, x)?;
    alike(Conv::NAME, x, kernel)?;
    let [.., Some(per_group), Some(filters)] = kernel.shape.dims()[..] else {
        return Err(Error::shape(format!("conv: expected a kernel of known shape, received {kernel}")));
    };
    let image = image(op, windows.last());
    image.check_groups(Conv::NAME, Some(filters))?;
    let [batch, .., channels] = x.shape.dims()[..] else {
        return Err(Error::internal("conv: the rank was checked"));
    };
    if per_group.checked_mul(op.groups) != channels {
        let groups = if op.groups == 1 { String::new() } else { format!(" and groups: {}", op.groups) };
        return Err(Error::shape(format!(
            "conv: the channels of the input and of the kernel differ: expected an input [batch, …, {}] for a \
             kernel {}{groups}, received shape {}",
            per_group.saturating_mul(op.groups),
            kernel.shape,
            x.shape
        )));
    }
    let sides = windows.outputs(Conv::NAME, sides(&x.shape))?;
    Ok(batch_of(x.dtype, batch, sides, Some(filters)))
}

/// The convolution along the last two axes.
pub(super) fn image(op: &Conv, window: Window) -> Conv2d {
    Conv2d { strides: window.strides, dilation: window.dilation, groups: op.groups, padding: window.padding }
}

fn sequence<'b>(op: &Conv, windows: &Windows, x: Sym<'b>, kernel: Sym<'b>, y: &[usize]) -> Sym<'b> {
    let (sizes, weights) = (x.sizes(), kernel.sizes());
    let x = x.reshaped(&[sizes[0], 1, sizes[1], sizes[2]]);
    let kernel = kernel.reshaped(&[1, weights[0], weights[1], weights[2]]);
    x.b.one(image(op, windows.last()), &[x, kernel]).reshaped(y)
}

/// The planes under a window's depth become channels of one plane, so that one convolution of images
/// sums over depth too.
fn volume<'b>(op: &Conv, windows: &Windows, x: Sym<'b>, kernel: Sym<'b>, y: &[usize]) -> Sym<'b> {
    let depth = windows.plane([Some(0), None]);
    let planes = planes(x, depth, op.groups, y[1]);
    let conv = image(op, windows.last());
    x.b.one(conv, &[planes, flat_kernel(kernel)]).reshaped(y)
}

/// A kernel `[kd, kh, kw, c, co]` as one of images: `[kh, kw, kd · c, co]`.
pub(super) fn flat_kernel(kernel: Sym<'_>) -> Sym<'_> {
    let [kd, kh, kw, c, co] = five(kernel);
    kernel.apply(Transpose { perm: vec![1, 2, 0, 3, 4] }).reshaped(&[kh, kw, kd * c, co])
}

/// `[n · od, h, w, kd · c]`: for each output plane the input planes that its window sees, side by
/// side within each group of channels.
fn planes<'b>(x: Sym<'b>, window: Window, groups: usize, outputs: usize) -> Sym<'b> {
    let [n, d, h, w, c] = five(x);
    let (taps, stride, dilation) = (window.size[0], window.strides[0], window.dilation[0]);
    let first = window.before([d, 1])[0];
    let end = (outputs - 1) * stride + (taps - 1) * dilation + 1;
    let around = [first, end.saturating_sub(first + d)];
    let padded = if around == [0, 0] { x } else { x.padded(1, around, 0) };
    let seen: Vec<Sym> = (0..taps)
        .map(|tap| {
            let begin = tap * dilation;
            let plane = padded.cut(1, begin, begin + (outputs - 1) * stride + 1, stride);
            plane.reshaped(&[n * outputs, h, w, groups, 1, c / groups])
        })
        .collect();
    x.b.one(Concat { axis: 4 }, &seen).reshaped(&[n * outputs, h, w, taps * c])
}

/// The five sides of a volume or of its kernel.
pub(super) fn five(x: Sym<'_>) -> [usize; 5] {
    std::array::from_fn(|axis| x.sizes()[axis])
}
