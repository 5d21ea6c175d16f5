//! The transposed convolution: the gradient of a convolution for its input, as an op of its own.

use super::convolution::{five, flat_kernel, image, windows};
use super::{Paddings, Windows, batch_of, sides, typed};
use crate::builder::Sym;
use crate::compose::{Conv, ConvTranspose, inputs};
use crate::ops::Conv2dInputGrad;
use crate::ops::window::alike;
use crate::ops::window::{PaddingRule, Window};
use fovea_core::{Dim, Error, Result, TensorType};

pub(in crate::compose) fn transposed<'b>(op: &ConvTranspose, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let [x, kernel] = inputs(ConvTranspose::NAME, x)?;
    let ConvTranspose { strides, dilation, padding, .. } = op.clone();
    let forward = Conv { strides, dilation, groups: 1, padding: Paddings::Rule(padding) };
    let windows = windows(&forward, &kernel.ty());
    let ty = output(op, &windows, &x.ty(), &kernel.ty())?;
    let formula = |y: &[usize]| {
        let [rows, columns] = [y[y.len() - 3], y[y.len() - 2]];
        let grad = |height: usize| {
            let conv = image(&forward, windows.last());
            Conv2dInputGrad {
                strides: conv.strides,
                dilation: conv.dilation,
                groups: 1,
                padding: conv.padding,
                input_shape: [height, columns],
            }
        };
        match y.len() - 2 {
            1 => {
                let (sizes, weights) = (x.sizes(), kernel.sizes());
                let x = x.reshaped(&[sizes[0], 1, sizes[1], sizes[2]]);
                let kernel = kernel.reshaped(&[1, weights[0], weights[1], weights[2]]);
                x.b.one(grad(1), &[x, kernel]).reshaped(y)
            }
            2 => x.b.one(grad(rows), &[x, kernel]),
            _ => volume(x, kernel, grad(rows), windows.plane([Some(0), None]), y),
        }
    };
    Ok(vec![typed(&[x, kernel], ty, formula)])
}

/// The type of the output; refuses operands that do not fit together.
fn output(op: &ConvTranspose, windows: &Windows, x: &TensorType, kernel: &TensorType) -> Result<TensorType> {
    windows.check(ConvTranspose::NAME, x)?;
    alike(ConvTranspose::NAME, x, kernel)?;
    let [.., Some(filters), Some(per_pixel)] = kernel.shape.dims()[..] else {
        return Err(Error::shape(format!(
            "convTranspose: expected a kernel of known shape, received {kernel}"
        )));
    };
    let [batch, .., channels] = x.shape.dims()[..] else {
        return Err(Error::internal("convTranspose: the rank was checked"));
    };
    if channels != Some(per_pixel) {
        return Err(Error::shape(format!(
            "convTranspose: the channels of the input and of the kernel differ: expected an input [batch, …, \
             {per_pixel}] for a kernel {} [window…, filters, channels], received shape {}",
            kernel.shape, x.shape
        )));
    }
    let inner = sides(&x.shape);
    if op.output_padding.as_ref().is_some_and(|more| more.len() != inner.len()) {
        return Err(Error::argument(format!(
            "convTranspose: expected output padding for each of {} axes, received {:?}",
            inner.len(),
            op.output_padding
        )));
    }
    let side = |(axis, &side): (usize, &Dim)| match side {
        None => Ok(None),
        Some(side) => self::side(op, windows, axis, side).map(Some),
    };
    Ok(batch_of(x.dtype, batch, inner.iter().enumerate().map(side).collect::<Result<_>>()?, Some(filters)))
}

/// How long an axis becomes: Keras's rule.
fn side(op: &ConvTranspose, windows: &Windows, axis: usize, side: usize) -> Result<usize> {
    let window = windows.plane([Some(axis), None]);
    window.check(ConvTranspose::NAME)?;
    let (stride, extent) = (window.strides[0], (window.size[0] - 1) * window.dilation[0] + 1);
    let more = op.output_padding.as_ref().map(|list| list[axis]);
    let last = side.saturating_sub(1) * stride;
    let long = match (op.padding, more) {
        (PaddingRule::Valid, None) => last + extent.max(stride),
        (PaddingRule::Valid, Some(more)) => last + extent + more,
        (PaddingRule::Same, None) => side * stride,
        (PaddingRule::Same, Some(more)) => last + extent % 2 + more,
    };
    // The convolution that this one turns around must come back to the same side.
    match window.outputs(ConvTranspose::NAME, [Some(long), Some(1)]) {
        Ok([Some(back), _]) if back == side => Ok(long),
        _ => Err(Error::shape(format!(
            "convTranspose: no convolution with a window of {extent}, stride {stride} and padding {} makes \
             {side} of {long}, which output padding {} asks for",
            windows.padding,
            more.map_or("null".to_string(), |n| n.to_string())
        ))),
    }
}

/// Each plane of the input spreads over the planes of its window, which are channels of one plane
/// first; those that meet add.
fn volume<'b>(x: Sym<'b>, kernel: Sym<'b>, grad: Conv2dInputGrad, window: Window, y: &[usize]) -> Sym<'b> {
    let [n, d, h, w, c] = five(x);
    let (taps, stride, dilation) = (window.size[0], window.strides[0], window.dilation[0]);
    let folded = x.reshaped(&[n * d, h, w, c]);
    let spread = x.b.one(grad, &[folded, flat_kernel(kernel)]);
    let spread = spread.reshaped(&[n, d, y[2], y[3], taps, y[4]]);
    let long = (d - 1) * stride + (taps - 1) * dilation + 1;
    let planes = (0..taps).map(|tap| {
        let plane = spread.cut(4, tap, tap + 1, 1).reshaped(&[n, d, y[2], y[3], y[4]]);
        plane.padded(1, [tap * dilation, (taps - 1 - tap) * dilation], stride - 1)
    });
    let sum = planes.reduce(|sum, plane| sum + plane).unwrap_or(x);
    let before = window.before([y[1], 1])[0];
    let missing = (before + y[1]).saturating_sub(long);
    let sum = if missing == 0 { sum } else { sum.padded(1, [0, missing], 0) };
    if before == 0 && long + missing == y[1] { sum } else { sum.cut(1, before, before + y[1], 1) }
}
