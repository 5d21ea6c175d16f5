//! What a normalisation needs of a convolution's result: which convolutions find it themselves, and that the numbers
//! are those of the graph as it was written.

use super::finishing::hold;
use super::folding;
use crate::autodiff::GradOp;
use crate::builder::Sym;
use crate::checked::Arg;
use crate::compose::{BatchNormalize, Composite, Moments};
use crate::elementwise::Ew;
use crate::fuse::fuse;
use crate::graph::Graph;
use crate::ops::attribute::Float;
use crate::ops::window::Padding;
use crate::ops::{Conv2d, Op, Reduce, ReduceKind};
use crate::target::{Cpu, Gpu};
use fovea_core::DType;
use fovea_gpu::testing::device;
use fovea_kernels::isa::Isa;

const CONV: Conv2d = Conv2d { strides: [2, 2], dilation: [1, 1], groups: 1, padding: Padding::SAME };

/// Images, a kernel to 20 channels, a bias, a kernel for each of them.
fn inputs() -> [Arg; 4] {
    [
        Arg::float(&[3, 19, 17, 5], 1),
        Arg::float(&[3, 3, 5, 20], 2),
        Arg::float(&[20], 3),
        Arg::float(&[3, 3, 1, 20], 4),
    ]
}

fn moments<'b>(y: Sym<'b>, axes: &[i64]) -> Vec<Sym<'b>> {
    y.b.apply(Composite::from(Moments { axes: axes.to_vec() }), &[y])
}

/// Less its mean, over the root of its variance.
fn normalised<'b>(y: Sym<'b>) -> Sym<'b> {
    let [mean, variance] = moments(y, &[0, 1, 2])[..] else { unreachable!("two moments") };
    let op = BatchNormalize { axis: -1, epsilon: Float::new(1e-3), scale: false, center: false };
    y.b.one(Op::Composite(Composite::from(op)), &[y, mean, variance])
}

/// How many passes find moments of what is in memory.
fn passes(graph: &Graph) -> usize {
    graph.nodes.iter().filter(|node| node.op.name() == "leadingMoments").count()
}

#[test]
fn convolutions_find_the_moments_of_their_results() {
    let graph = hold(&inputs(), |x| {
        let y = x[0].b.one(CONV, &[x[0], x[1]]);
        let biased = (x[0].b.one(CONV, &[x[0], x[1].map(Ew::Square)]) + x[2]).map(Ew::Relu);
        [vec![y, biased], moments(y, &[0, 1, 2]), moments(biased, &[0, 1, 2])].concat()
    });
    assert_eq!(passes(&graph), 0);
}

#[test]
fn normalisations_and_their_gradients_need_no_pass_for_moments() {
    let graph = hold(&inputs(), |x| {
        let y = normalised(x[0].b.one(CONV, &[x[0], x[1]])).map(Ew::Relu6);
        let depthwise = Conv2d { strides: [1, 1], groups: 20, ..CONV };
        let y = normalised(y.b.one(depthwise, &[y, x[3]]));
        let loss = (y * y * y).apply(Reduce { kind: ReduceKind::Mean, axes: vec![], keepdims: false });
        let gradients = loss.b.apply(Op::Grad(GradOp), &[loss, x[1], x[3]]);
        [vec![y], gradients].concat()
    });
    assert_eq!(passes(&graph), 0);
}

#[test]
fn other_moments_are_found_of_what_is_in_memory() {
    let one = |f: &dyn for<'b> Fn(Sym<'b>, &[Sym<'b>]) -> Vec<Sym<'b>>| {
        passes(&hold(&inputs(), |x| f(x[0].b.one(CONV, &[x[0], x[1]]), x)))
    };
    // Of images, of what is computed of the result, and of what a tensor joins.
    assert_eq!(one(&|y, _| moments(y, &[0])), 1);
    assert_eq!(one(&|y, _| moments(y.map(Ew::Square), &[0, 1, 2])), 1);
    assert_eq!(one(&|y, x| moments(y + x[0].b.one(CONV, &[x[0], x[1] * 2.0]), &[0, 1, 2])), 1);
}

#[test]
fn nothing_changes_for_bfloat16_or_a_gpu() {
    let left = |dtype: DType, fuse: &dyn Fn(Graph) -> Graph| {
        let inputs = inputs().map(|arg| Arg::of(dtype, &arg.ty.sizes(), arg.data.iter().copied().collect()));
        passes(&fuse(folding::build(&inputs, |b, x| moments(b.one(CONV, &x[..2]), &[0, 1, 2]))))
    };
    let cpu = Cpu::new(Isa::Portable);
    assert_eq!(left(DType::Bf16, &|graph| fuse(graph, &cpu)), 1);
    assert_eq!(left(DType::F32, &|graph| fuse(graph, &cpu)), 0);
    if let Some(device) = device() {
        assert_eq!(left(DType::F32, &|graph| fuse(graph, &Gpu(device.limits()))), 1);
    }
}
