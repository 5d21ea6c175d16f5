//! Gradients behind a convolution, which keep the forward pass and the backward pass apart: what the
//! latter can compute anew from what it reads anyway is not kept for it.

use super::evaluate;
use super::folding::{build, mean, normalise};
use super::{cpu, memory::decode};
use crate::autodiff::GradOp;
use crate::builder::{Builder, Sym};
use crate::checked::{AnySample, Arg};
use crate::compose::{Composite, Moments};
use crate::elementwise::Ew;
use crate::fuse::{Fused, fuse};
use crate::graph::{Assign, Graph, Leaf, LeafKind};
use crate::ops::window::Padding;
use crate::ops::{Conv2d, MatMul, Op};
use crate::target::Cpu;
use fovea_core::{DType, Shape, TensorType};
use fovea_kernels::isa::Isa;
use ndarray::ArrayD;

const CONV: Conv2d = Conv2d { strides: [1, 1], dilation: [1, 1], groups: 1, padding: Padding::SAME };

/// What a map stores in this graph's whole shape: each result's dtype.
fn stored(graph: &Graph, elements: usize) -> Vec<DType> {
    let maps = graph.nodes.iter().filter(|n| matches!(n.op, Op::Fused(Fused::Map(_))));
    maps.flat_map(|n| n.types.iter()).filter(|ty| ty.elements() == elements).map(|ty| ty.dtype).collect()
}

/// Image and two kernels of 1 × 1, and then a vector for each of `vectors` numbers of channels.
fn inputs(vectors: &[usize]) -> Vec<Arg> {
    let mut inputs =
        vec![Arg::float(&[2, 5, 6, 3], 1), Arg::float(&[1, 1, 3, 8], 2), Arg::float(&[3, 3, 8, 2], 3)];
    inputs.extend(vectors.iter().zip(4..).map(|(&n, seed)| Arg::float(&[n], seed)));
    inputs
}

/// The loss of two convolutions with `middle` between them, and its gradients for all inputs.
fn network(inputs: &[Arg], middle: impl for<'b> Fn(&'b Builder, Sym<'b>, &[Sym<'b>]) -> Sym<'b>) -> Graph {
    build(inputs, |b, x| {
        let between = middle(b, b.one(CONV, &x[..2]), &x[3..]);
        let y = b.one(CONV, &[between, x[2]]);
        let loss = mean(y * y, &[0, 1, 2, 3]);
        let mut results = vec![loss];
        results.extend(b.apply(Op::Grad(GradOp), &[&[loss], x].concat()));
        results
    })
}

/// Compares the fused graph's results with the f64 definition of the graph as it was written.
#[track_caller]
fn check(inputs: &[Arg], graph: &Graph, fused: &Graph) {
    let data: Vec<ArrayD<f64>> = inputs.iter().map(|a| a.data.clone()).collect();
    let sample = AnySample::unchecked(CONV, inputs);
    for manner in [cpu::Manner::Plain, cpu::Manner::Awkward] {
        let outputs = cpu::run(Isa::Portable, &sample, fused, manner);
        for (received, expected) in outputs.iter().zip(&evaluate(graph, &data)) {
            let largest = expected.iter().fold(0.0, |m: f64, e| m.max(e.abs()));
            assert!(largest > 0.0, "there is something to compare");
            for (r, e) in decode(DType::F32, received).iter().zip(expected) {
                assert!((r - e).abs() <= 1e-5 * largest, "{r}, expected {e}");
            }
        }
    }
}

#[test]
fn normalised_and_rectified_values_are_all_that_is_kept() {
    for activation in [Ew::Relu, Ew::Relu6] {
        let inputs = inputs(&[8, 8]);
        let graph = network(&inputs, |b, y, x| {
            let [mean, variance] = b.apply(Composite::from(Moments { axes: vec![0, 1, 2] }), &[y])[..] else {
                panic!("moments are two")
            };
            normalise(b, y, &[mean, variance, x[0], x[1]]).map(activation)
        });
        let fused = fuse(graph.clone(), &Cpu::new(Isa::Portable));
        let kept = stored(&fused, 2 * 5 * 6 * 8);
        assert!(!kept.contains(&DType::Bool), "{activation:?}: {kept:?}");
        check(&inputs, &graph, &fused);
    }
}

#[test]
fn two_branches_are_handed_one_gradient() {
    let vectors = (4..8).map(|seed| Arg::float(&[8], seed));
    let kernels = [(&[1, 1, 3, 8], 2), (&[1, 1, 3, 8], 9)].map(|(sizes, seed)| Arg::float(sizes, seed));
    let image = [Arg::float(&[2, 5, 6, 3], 1), Arg::float(&[3, 3, 8, 2], 3)];
    let inputs: Vec<Arg> = image.into_iter().chain(kernels).chain(vectors).collect();
    let graph = build(&inputs, |b, x| {
        let branch = |i: usize| {
            let y = b.one(CONV, &[x[0], x[2 + i]]);
            let moments = b.apply(Composite::from(Moments { axes: vec![0, 1, 2] }), &[y]);
            normalise(b, y, &[&moments[..], &x[4 + 2 * i..6 + 2 * i]].concat())
        };
        let sum = branch(0) + branch(1);
        let y = b.one(CONV, &[sum.map(Ew::Relu), x[1]]);
        let loss = mean(y * y, &[0, 1, 2, 3]);
        let gradients = b.apply(Op::Grad(GradOp), &[&[loss], x].concat());
        [&[loss], &gradients[..]].concat()
    });
    let fused = fuse(graph.clone(), &Cpu::new(Isa::Portable));
    // What was rectified, its gradient behind the gate, and the gradients of both convolutions' results.
    assert_eq!(stored(&fused, 2 * 5 * 6 * 8), [DType::F32; 4]);
    check(&inputs, &graph, &fused);
}

#[test]
fn masks_come_from_the_values_that_are_read() {
    // relu6 of a sum: forward its result is stored, backward the masked gradient. What the convolution
    // gave serves the mask as well, and so the mask is not stored.
    let inputs = inputs(&[]);
    let graph = network(&inputs, |_, y, _| (y * 3.0).map(Ew::Relu6) * y);
    let fused = fuse(graph.clone(), &Cpu::new(Isa::Portable));
    assert_eq!(stored(&fused, 2 * 5 * 6 * 8), [DType::F32; 2]);
    check(&inputs, &graph, &fused);
}

#[test]
fn costly_values_are_kept() {
    let inputs = inputs(&[]);
    let graph = network(&inputs, |_, y, _| y.map(Ew::Tanh).map(Ew::Exp));
    let fused = fuse(graph.clone(), &Cpu::new(Isa::Portable));
    let exponentials = |graph: &Graph| {
        let maps = graph.nodes.iter().filter_map(|n| match &n.op {
            Op::Fused(Fused::Map(map)) => Some(map),
            _ => None,
        });
        maps.flat_map(|map| &map.steps).filter(|s| matches!(s.op, Ew::Exp | Ew::Tanh)).count()
    };
    assert_eq!(exponentials(&fused), 2);
    check(&inputs, &graph, &fused);
}

#[test]
fn what_came_of_a_variable_before_it_is_written_is_kept() {
    // The variable, read again for the mask, could not be overwritten before.
    let b = Builder::new();
    let leaf =
        |kind, sizes: &[usize]| b.leaf(Leaf { kind, ty: TensorType::new(DType::F32, Shape::of(sizes)) });
    let (variable, other) = (leaf(LeafKind::Variable, &[8, 8]), leaf(LeafKind::Input, &[8, 8]));
    let product = MatMul { transpose_a: false, transpose_b: false };
    let rectified = variable.map(Ew::Relu);
    let mask = rectified.zip(Ew::Greater, variable.number(0.0));
    let after = b.one(product, &[rectified, other]).masked(mask);
    let (outputs, halved) = (vec![after.value], Assign { leaf: 0, value: (variable * 0.5).value });
    let fused = fuse(b.finish(outputs, vec![halved], None).unwrap(), &Cpu::new(Isa::Portable));
    assert!(stored(&fused, 64).contains(&DType::Bool));
}
