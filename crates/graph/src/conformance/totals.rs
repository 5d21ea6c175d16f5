//! Sums that maps take while they compute what is summed: which passes are left, and that the numbers
//! are those of the graph as it was written.

use super::memory::decode;
use super::{cpu, evaluate, folding};
use crate::autodiff::GradOp;
use crate::builder::Sym;
use crate::checked::{AnySample, Arg};
use crate::compose::{BatchNormalize, Composite, Moments};
use crate::elementwise::Ew;
use crate::fuse::fuse;
use crate::graph::Graph;
use crate::ops::attribute::Float;
use crate::ops::{Cumsum, Op, Reduce, ReduceKind};
use crate::plan::compile;
use crate::target::Cpu;
use fovea_core::DType;
use fovea_kernels::isa::Isa;
use ndarray::ArrayD;

/// The graph of `f` over leaves like these.
fn build(inputs: &[Arg], f: impl for<'b> Fn(&[Sym<'b>]) -> Vec<Sym<'b>>) -> Graph {
    folding::build(inputs, |_, x| f(x))
}

fn sum<'b>(x: Sym<'b>, axes: &[i64], keepdims: bool) -> Sym<'b> {
    x.apply(Reduce { kind: ReduceKind::Sum, axes: axes.to_vec(), keepdims })
}

fn mean<'b>(x: Sym<'b>, axes: &[i64]) -> Sym<'b> {
    x.apply(Reduce { kind: ReduceKind::Mean, axes: axes.to_vec(), keepdims: false })
}

/// The nodes that read a value with so many elements.
fn passes(graph: &Graph, elements: usize) -> Vec<&'static str> {
    let reads = |v: &_| graph.ty(*v).elements() == elements;
    graph.nodes.iter().filter(|n| n.inputs.iter().any(reads)).map(|n| n.op.name()).collect()
}

/// Holds what runs on every instruction set against the f64 definition of the graph as it was written.
#[track_caller]
fn check(inputs: &[Arg], f: impl for<'b> Fn(&[Sym<'b>]) -> Vec<Sym<'b>>) -> Graph {
    let data: Vec<ArrayD<f64>> = inputs.iter().map(|a| a.data.clone()).collect();
    let expected = evaluate(&build(inputs, &f), &data);
    let sample = AnySample::unchecked(Op::Elementwise(Ew::Neg), inputs);
    let graph = fuse(build(inputs, &f), &Cpu::new(Isa::Portable));
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        for manner in [cpu::Manner::Plain, cpu::Manner::Awkward] {
            let outputs = cpu::run(isa, &sample, &graph, manner);
            for (k, (received, expected)) in outputs.iter().zip(&expected).enumerate() {
                let largest = expected.iter().fold(0.0, |m: f64, e| m.max(e.abs()));
                for (r, e) in decode(DType::F32, received).iter().zip(expected) {
                    assert!((r - e).abs() <= 1e-5 * largest, "{isa:?}, output {k}: {r}, expected {e}");
                }
            }
        }
    }
    graph
}

#[test]
fn sums_of_what_a_map_reads_and_computes_are_part_of_its_pass() {
    for (sizes, leading) in [(&[300, 5][..], &[0][..]), (&[7, 1, 90, 4], &[0, 1, 2]), (&[40, 3], &[-2])] {
        let inputs = [Arg::float(sizes, 1), Arg::float(&sizes[sizes.len() - 1..], 2)];
        let graph = check(&inputs, |x| {
            let y = (x[0] * x[1]).map(Ew::Relu);
            let squares = y.map(Ew::Square);
            vec![
                sum(y, leading, true),
                mean(x[0], leading),
                mean(squares, &[]),
                sum(squares, leading, false),
                y,
            ]
        });
        assert_eq!(passes(&graph, sizes.iter().product()), ["map"], "{sizes:?}");
    }
}

#[test]
fn sums_over_other_axes_and_of_nothing_else_are_reductions() {
    let inputs = [Arg::float(&[30, 5, 4], 1)];
    let graph = check(&inputs, |x| vec![sum(x[0] + 1.0, &[1], false), sum(x[0] + 1.0, &[-1], false)]);
    assert_eq!(passes(&graph, 600), ["map", "reduce", "reduce"]);
    assert_eq!(passes(&check(&inputs, |x| vec![sum(x[0], &[0], false)]), 600), ["reduce"]);
    // What is summed first cannot be summed in the same pass.
    let graph = check(&inputs, |x| vec![sum((x[0] - mean(x[0], &[0])).map(Ew::Abs), &[0], false)]);
    assert_eq!(passes(&graph, 600), ["reduce", "map"]);
}

#[test]
fn a_pass_reads_no_total_of_its_own() {
    let inputs = [Arg::float(&[2, 5, 5, 4], 1)];
    let graph = check(&inputs, |x| {
        let axes = [0, 1, 2];
        let first = sum(x[0], &axes, true);
        let second = sum((x[0] - first).map(Ew::Square), &axes, true);
        vec![first, second, sum(x[0] * (second + 1.0).map(Ew::Rsqrt) - first, &[0], false)]
    });
    assert_eq!(passes(&graph, 200), ["reduce", "map", "map"]);
}

#[test]
fn factors_that_stay_the_same_along_the_axes_leave_a_sum() {
    let inputs = [Arg::float(&[30, 5, 4], 1), Arg::float(&[4], 2), Arg::float(&[30, 1, 1], 3)];
    let graph = check(&inputs, |x| {
        let [a, v, w] = [x[0], x[1], x[2]];
        vec![
            sum(a, &[0, 1], false),
            sum(-(a * v), &[0, 1], false),
            sum(v * a * 3.0, &[0, 1], true),
            sum(a * w, &[1, 2], false),
            sum(a * v * w, &[1], false),
            sum(a, &[0, 1], true),
        ]
    });
    // Over each set of axes once, with and without sides of one.
    assert_eq!(passes(&graph, 600), ["map", "reduce", "reduce"]);
    // One that varies stays.
    let graph = check(&inputs, |x| vec![sum(x[0] * x[2], &[0], false), mean(x[0] * x[2], &[])]);
    assert_eq!(passes(&graph, 600), ["map"]);
}

#[test]
fn the_gradient_of_batch_normalisation_takes_all_its_sums_in_one_pass() {
    let sizes = [4, 6, 5, 3];
    let inputs = [Arg::float(&sizes, 1), Arg::float(&[3], 2), Arg::float(&[3], 3), Arg::float(&sizes, 4)];
    let graph = check(&inputs, |x| {
        let b = x[0].b;
        let statistics = b.apply(Composite::from(Moments { axes: vec![0, 1, 2] }), &[x[0]]);
        let op = BatchNormalize { axis: -1, epsilon: Float::new(1e-3), scale: true, center: true };
        let operands = [x[0], statistics[0], statistics[1], x[1], x[2]];
        let y = b.one(Op::Composite(Composite::from(op)), &operands).map(Ew::Relu);
        let loss = sum(y * x[3], &[], false);
        let mut results = b.apply(Op::Grad(GradOp), &[loss, x[0], x[1], x[2]]);
        results.push(y);
        results
    });
    // The statistics; the result, the loss and the sums that gradients need; the gradient of x.
    assert_eq!(passes(&graph, 360), ["leadingMoments", "map", "map"]);
}

#[test]
fn what_runs_together_never_waits_for_itself() {
    let inputs = [Arg::float(&[4, 3], 1), Arg::float(&[4, 3], 2)];
    let graph = build(&inputs, |x| {
        let early = x[0].map(Ew::Relu);
        let rows = early.apply(Reduce { kind: ReduceKind::Max, axes: vec![1], keepdims: true });
        let late = x[1].map(Ew::Square);
        let behind = late.apply(Cumsum { axis: 0, reverse: false });
        vec![early + behind, late * rows]
    });
    assert!(compile(graph, &Cpu::new(Isa::Portable)).is_ok());
}
