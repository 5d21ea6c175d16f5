//! Rewrites while a graph is built, before autodiff, shared by all devices.

use crate::builder::{Builder, Sym};
use crate::elementwise::Ew;
use crate::operator::Operator;
use crate::ops::window::{Padding, PaddingRule};
use crate::ops::{BroadcastTo, Conv2d, Kernel, Op, Reduce, ReduceKind, Reshape, axes};
use fovea_core::{Shape, TensorType};

/// Something equal and cheaper than `op(inputs)`, if there is.
pub(crate) fn rewrite<'b>(b: &'b Builder, op: &Op, inputs: &[Sym<'b>]) -> Option<Vec<Sym<'b>>> {
    let Op::Kernel(kernel) = op else { return None };
    let x = *inputs.first()?;
    if let Some(shape) = only_reshapes(kernel, inputs) {
        return Some(vec![x.apply(Reshape::to(&shape))]);
    }
    match kernel {
        // The same elements in the same shape.
        Kernel::Reshape(_) | Kernel::BroadcastTo(_) => {
            let types = op.infer(&[x.ty()]).ok()?;
            (types[0] == x.ty()).then(|| vec![x])
        }
        // The maximum of rectified values is the rectified maximum: the map to rectify, and to
        // differentiate, is smaller by the window.
        Kernel::MaxPool2d(_) => {
            let (Op::Elementwise(Ew::Relu), before) = b.node(x.value.node) else { return None };
            let mut pooled = b.apply(op.clone(), &[b.sym(before[0])]);
            pooled[0] = pooled[0].map(Ew::Relu);
            Some(pooled)
        }
        Kernel::Conv2d(conv) => {
            let better = unpadded(b, conv, x, inputs[1]).or_else(|| several_each(b, conv, x, inputs[1]));
            better.map(|y| vec![y])
        }
        Kernel::Reduce(reduce) => {
            let x = reduce.widened(x).or_else(|| before_pooling(b, reduce, x));
            x.map(|x| b.apply(op.clone(), &[x]))
        }
        _ => None,
    }
}

/// The result's shape if all elements of input 0 stay in their order, and nothing joins them.
fn only_reshapes(kernel: &Kernel, inputs: &[Sym<'_>]) -> Option<Shape> {
    let types: Vec<TensorType> = inputs.iter().map(|s| s.ty()).collect();
    let (x, y) = (&types[0], kernel.infer(&types).ok()?.remove(0));
    let same = match kernel {
        Kernel::BroadcastTo(_) | Kernel::Pad(_) | Kernel::Reduce(_) | Kernel::Slice(_) => {
            x.dtype == y.dtype && x.shape.elements().is_some() && x.shape.elements() == y.shape.elements()
        }
        Kernel::Concat(_) => inputs.len() == 1 && x.shape.known().is_some(),
        Kernel::Transpose(transpose) => x.shape.known().is_some_and(|sizes| transpose.keeps_order(&sizes)),
        _ => false,
    };
    same.then_some(y.shape)
}

/// A convolution of an image with zeros around it, as one of the image that knows of them: nothing is
/// copied, zeros are not multiplied, and the gradient needs no cutting.
fn unpadded<'b>(b: &'b Builder, conv: &Conv2d, x: Sym<'b>, kernel: Sym<'b>) -> Option<Sym<'b>> {
    let (Op::Kernel(Kernel::Pad(pad)), before) = b.node(x.value.node) else { return None };
    let ([0, top, left, 0], [0, bottom, right, 0]) = (&pad.low[..], &pad.high[..]) else { return None };
    let plain = pad.value.get() == 0.0 && pad.interior.iter().all(|&n| n == 0);
    let own = match conv.padding {
        Padding::Rule(PaddingRule::Valid) => [[0; 2]; 2],
        Padding::Explicit(own) => own,
        // Its zeros depend on how many there are already.
        Padding::Rule(PaddingRule::Same) => return None,
    };
    let sum = |axis: usize, low: usize, high: usize| {
        Some([own[axis][0].checked_add(low)?, own[axis][1].checked_add(high)?])
    };
    let padding = Padding::Explicit([sum(0, *top, *bottom)?, sum(1, *left, *right)?]);
    plain.then(|| b.one(Conv2d { padding, ..*conv }, &[b.sym(before[0]), kernel]))
}

/// Several filters for each channel, as a convolution of channels that are there several times: then
/// vectors run over all of them, not over the few of one channel.
fn several_each<'b>(b: &'b Builder, conv: &Conv2d, x: Sym<'b>, kernel: Sym<'b>) -> Option<Sym<'b>> {
    let [sizes, kernel_sizes] = [x.shape().known()?, kernel.shape().known()?];
    let ([n, h, w, c], filters) = (<[usize; 4]>::try_from(sizes).ok()?, *kernel_sizes.last()?);
    if conv.groups != c || c < 2 || filters <= c || filters % c != 0 {
        return None;
    }
    let apart = x.apply(Reshape::to(&Shape::of(&[n, h, w, c, 1])));
    let repeated = apart.apply(BroadcastTo::to(&Shape::of(&[n, h, w, c, filters / c])));
    let x = repeated.apply(Reshape::to(&Shape::of(&[n, h, w, filters])));
    Some(b.one(Conv2d { groups: filters, ..*conv }, &[x, kernel]))
}

/// The gradient of max pooling is zero but for that of its values, so both have the same sum over images: what a
/// bias before pooling gets.
fn before_pooling<'b>(b: &'b Builder, reduce: &Reduce, x: Sym<'b>) -> Option<Sym<'b>> {
    let (Op::Kernel(Kernel::MaxPool2dGrad(_)), before) = b.node(x.value.node) else { return None };
    let axes = axes::axes(Reduce::NAME, &reduce.axes, &x.shape()).ok()?;
    let whole = axes.contains(&1) && axes.contains(&2);
    (reduce.kind == ReduceKind::Sum && whole).then(|| b.sym(before[0]))
}
