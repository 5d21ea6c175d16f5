//! Gradients of convolutions behind max pooling: which are taken from the winners alone, and that the numbers are those
//! of the graph as it was written.

use super::finishing::hold;
use super::folding;
use crate::autodiff::GradOp;
use crate::builder::Sym;
use crate::checked::Arg;
use crate::elementwise::Ew;
use crate::fuse::{Fused, fuse};
use crate::graph::Graph;
use crate::ops::window::Padding;
use crate::ops::{Conv2d, Kernel, MaxPool2d, Op, Reduce, ReduceKind};
use crate::target::{Cpu, Gpu};
use fovea_gpu::testing::device;
use fovea_kernels::isa::Isa;

const CONV: Conv2d = Conv2d { strides: [1, 1], dilation: [1, 1], groups: 1, padding: Padding::SAME };
const POOL: MaxPool2d = MaxPool2d { pool_size: [2, 2], strides: [2, 2], padding: Padding::VALID };

/// Images, kernels to 48 channels and back, a bias.
fn inputs() -> [Arg; 4] {
    [
        Arg::float(&[3, 9, 8, 16], 1),
        Arg::float(&[3, 3, 16, 48], 2),
        Arg::float(&[1, 1, 48, 16], 3),
        Arg::float(&[48], 4),
    ]
}

/// The gradients of the mean of squares for all inputs.
fn gradients<'b>(y: Sym<'b>, x: &[Sym<'b>]) -> Vec<Sym<'b>> {
    let loss = y.map(Ew::Square).apply(Reduce { kind: ReduceKind::Mean, axes: vec![], keepdims: false });
    y.b.apply(Op::Grad(GradOp), &[&[loss], x].concat())
}

/// A convolution with a bias, and max pooling.
fn pooled<'b>(pool: MaxPool2d, x: Sym<'b>, [kernel, bias]: [Sym<'b>; 2]) -> Sym<'b> {
    (x.b.one(CONV, &[x, kernel]) + bias).apply(pool)
}

/// How many gradients are taken from winners alone, and how many of max pooling are written.
fn count(graph: &Graph) -> [usize; 2] {
    let alone = |op: &Op| matches!(op, Op::Fused(Fused::Pooled(_)));
    let written = |op: &Op| matches!(op, Op::Kernel(Kernel::MaxPool2dGrad(_)));
    let count = |is: &dyn Fn(&Op) -> bool| graph.nodes.iter().filter(|node| is(&node.op)).count();
    [count(&alone), count(&written)]
}

#[test]
fn both_gradients_of_a_convolution_and_its_bias_s_pass_max_pooling_by() {
    for (pool_size, strides) in [([2, 2], [2, 2]), ([3, 3], [2, 2]), ([4, 2], [4, 2])] {
        let pool = MaxPool2d { pool_size, strides, ..POOL };
        let graph = hold(&inputs(), |x| {
            gradients(pooled(pool, x[0], [x[1], x[3]]).map(Ew::Relu), &[x[0], x[1], x[3]])
        });
        assert_eq!(count(&graph), [2, 0], "{pool_size:?} {strides:?}");
    }
}

#[test]
fn an_activation_s_gradient_still_follows_on_the_way() {
    let graph = hold(&inputs(), |x| {
        let wide = x[0].b.one(CONV, &[x[0], x[1]]).map(Ew::Relu);
        let before = wide.b.one(CONV, &[wide, x[2]]).map(Ew::Relu);
        gradients(pooled(POOL, before, [x[1], x[3]]).map(Ew::Relu), &x[1..3])
    });
    assert_eq!(count(&graph), [2, 0]);
    let alone = graph.nodes.iter().filter(|node| matches!(node.op, Op::Fused(Fused::Pooled(_))));
    let operands: Vec<usize> = alone.map(|node| node.inputs.len()).collect();
    assert!(operands.contains(&4), "gradient, kernel, what the activation gave, index: {operands:?}");
}

#[test]
fn other_gradients_of_max_pooling_are_written() {
    // Windows at every output, or that leave the image.
    for (strides, padding) in [([1, 1], Padding::VALID), ([2, 2], Padding::SAME)] {
        let pool = MaxPool2d { strides, padding, ..POOL };
        let graph = hold(&inputs(), |x| gradients(pooled(pool, x[0], [x[1], x[3]]), &x[..2]));
        assert_eq!(count(&graph), [0, 1], "{strides:?} {padding:?}");
    }
    // Something between convolution and pooling needs all of it.
    let graph = hold(&inputs(), |x| {
        let y = x[0].b.one(CONV, &[x[0], x[1]]) + x[3];
        gradients((y.map(Ew::Tanh) * y).apply(POOL), &x[..2])
    });
    assert_eq!(count(&graph), [0, 1]);
    // A kernel of one tap and few channels is as cheap by a dense sum.
    let few = [Arg::float(&[3, 9, 8, 2], 1), Arg::float(&[1, 1, 2, 4], 2), Arg::float(&[4], 3)];
    let graph = hold(&few, |x| gradients(pooled(POOL, x[0], [x[1], x[2]]), &x[..2]));
    assert_eq!(count(&graph), [0, 1]);
}

#[test]
fn a_gpu_writes_them_all() {
    let build =
        || folding::build(&inputs(), |_, x| gradients(pooled(POOL, x[0], [x[1], x[3]]), &[x[0], x[1], x[3]]));
    assert_eq!(count(&fuse(build(), &Cpu::new(Isa::Portable))), [2, 0]);
    let Some(device) = device() else {
        return;
    };
    assert_eq!(count(&fuse(build(), &Gpu(device.limits()))), [0, 1]);
}
