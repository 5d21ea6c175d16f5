//! Products that do what maps would do first with their results: which maps are left, where results lie, and
//! that the numbers are those of the graph as it was written.

use super::memory::decode;
use super::{cpu, evaluate, folding};
use crate::autodiff::GradOp;
use crate::builder::Sym;
use crate::checked::{AnySample, Arg};
use crate::elementwise::Ew;
use crate::fuse::{Fused, fuse};
use crate::graph::Graph;
use crate::ops::window::Padding;
use crate::ops::{Conv2d, Op, Reduce, ReduceKind};
use crate::plan::compile;
use crate::target::Cpu;
use fovea_core::DType;
use fovea_kernels::isa::Isa;
use ndarray::ArrayD;

const CONV: Conv2d = Conv2d { strides: [1, 1], dilation: [1, 1], groups: 1, padding: Padding::SAME };

fn conv<'b>(x: Sym<'b>, kernel: Sym<'b>) -> Sym<'b> {
    x.b.one(CONV, &[x, kernel])
}

/// Images, and so many kernels of 1 × 1.
fn inputs(kernels: u64) -> Vec<Arg> {
    let images = [Arg::float(&[2, 6, 5, 8], 1)];
    images.into_iter().chain((0..kernels).map(|k| Arg::float(&[1, 1, 8, 8], 2 + k))).collect()
}

/// The elementwise steps of maps over the images.
fn steps(graph: &Graph) -> Vec<Ew> {
    let maps = graph.nodes.iter().filter_map(|n| match &n.op {
        Op::Fused(Fused::Map(map)) if map.shape == [2, 6, 5, 8] => Some(map),
        _ => None,
    });
    maps.flat_map(|map| &map.steps).map(|step| step.op).collect()
}

/// Holds what runs on every instruction set against the f64 definition of the graph, and gives what runs.
#[track_caller]
pub(super) fn hold(inputs: &[Arg], f: impl for<'b> Fn(&[Sym<'b>]) -> Vec<Sym<'b>>) -> Graph {
    let build = || folding::build(inputs, |_, x| f(x));
    let data: Vec<ArrayD<f64>> = inputs.iter().map(|a| a.data.clone()).collect();
    let expected = evaluate(&build(), &data);
    let sample = AnySample::unchecked(Op::Elementwise(Ew::Neg), inputs);
    let graph = fuse(build(), &Cpu::new(Isa::Portable));
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        for manner in [cpu::Manner::Plain, cpu::Manner::Awkward] {
            let outputs = cpu::run(isa, &sample, &graph, manner);
            for (k, (received, expected)) in outputs.iter().zip(&expected).enumerate() {
                let largest = expected.iter().fold(0.0, |m: f64, e| m.max(e.abs()));
                assert!(largest > 0.0, "there is something to compare");
                for (r, e) in decode(DType::F32, received).iter().zip(expected) {
                    assert!((r - e).abs() <= 1e-5 * largest, "{isa:?}, output {k}: {r}, expected {e}");
                }
            }
        }
    }
    graph
}

/// As [`hold`]; gives the steps that maps are left with.
#[track_caller]
fn check(inputs: &[Arg], f: impl for<'b> Fn(&[Sym<'b>]) -> Vec<Sym<'b>>) -> Vec<Ew> {
    steps(&hold(inputs, f))
}

#[test]
fn what_joins_at_the_end_of_a_block_is_added_by_its_last_convolution() {
    let none = check(&inputs(3), |x| {
        let first = conv(x[0], x[1]).map(Ew::Relu);
        let block = (conv(conv(first, x[2]).map(Ew::Relu), x[3]) + first).map(Ew::Relu);
        vec![block]
    });
    assert_eq!(none, []);
    // A branch with a convolution of its own, and one that comes later than the convolution that adds it.
    let none = check(&inputs(3), |x| {
        let [a, b] = [conv(x[0], x[1]), conv(x[0], x[2])];
        let later = conv(a.map(Ew::Relu), x[3]);
        vec![(b + later).map(Ew::Relu6)]
    });
    assert_eq!(none, []);
    // Sums along a chain.
    let none = check(&inputs(3), |x| {
        let [a, b, c] = [1, 2, 3].map(|k| conv(x[0], x[k]));
        vec![a + b + c]
    });
    assert_eq!(none, []);
}

#[test]
fn gradients_of_branches_join_and_pass_an_activation_s_gradient_on_their_way() {
    // As the flags that the forward pass wrote beside an activation's result, and as that result of a product.
    for (activation, scale) in [(Ew::Relu, 9.0), (Ew::Relu6, 9.0), (Ew::Relu, 1.0), (Ew::Relu6, 1.0)] {
        let left = check(&inputs(4), |x| {
            let y = conv(x[0], x[1]);
            let y = (if scale == 1.0 { y } else { y * scale + x[0] }).map(activation);
            let z = conv(conv(y, x[2]), x[3]) + conv(y, x[4]);
            let kind = ReduceKind::Mean;
            let loss = z.map(Ew::Square).apply(Reduce { kind, axes: vec![], keepdims: false });
            x[0].b.apply(Op::Grad(GradOp), &[&[loss], x].concat())
        });
        assert!(!left.contains(&Ew::Where), "{activation:?}: {left:?}");
    }
}

#[test]
fn what_a_map_needs_anyway_it_keeps() {
    // The other summand is read for something else as well, which takes no longer than not to read it.
    let left = check(&inputs(1), |x| {
        let y = conv(x[0], x[1]);
        vec![(y + x[0]) * x[0]]
    });
    assert_eq!(left, [Ew::Add, Ew::Mul]);
    // The product itself is wanted.
    let left = check(&inputs(1), |x| {
        let y = conv(x[0], x[1]);
        vec![y + x[0], y]
    });
    assert_eq!(left, [Ew::Add]);
    // What only looks like a mask.
    let left = check(&inputs(2), |x| {
        let mask = conv(x[0], x[2]).zip(Ew::Greater, x[0].number(0.5));
        vec![conv(x[0], x[1]).masked(mask)]
    });
    assert_eq!(left, [Ew::Greater, Ew::Where]);
}

#[test]
fn a_sum_lies_where_its_addend_lay_unless_that_is_multiplied_too() {
    let lies_there = |f: for<'b> fn(&[Sym<'b>]) -> Sym<'b>| {
        let graph = folding::build(&inputs(3), |_, x| vec![f(x)]);
        let plan = compile(graph, &Cpu::new(Isa::Portable)).unwrap();
        let adds = |inputs: &[_]| inputs.len() == 3;
        let phase = plan.phases.iter().find(|phase| adds(&phase.inputs)).expect("a convolution adds");
        phase.outputs[0] == phase.inputs[2]
    };
    assert!(lies_there(|x| {
        let [a, b] = [conv(x[0], x[1]), conv(x[0], x[2])];
        conv(conv(a, x[3]) + b, x[3])
    }));
    // As a result.
    assert!(lies_there(|x| {
        let [a, b] = [conv(x[0], x[1]), conv(x[0], x[2])];
        conv(a, x[3]) + b
    }));
    assert!(!lies_there(|x| {
        let y = conv(x[0], x[1]);
        conv(conv(y, x[2]) + y, x[3])
    }));
    assert!(!lies_there(|x| {
        let y = conv(x[0], x[1]);
        conv(y, x[2]) + y
    }));
    // What is fed is not the plan's to write.
    assert!(!lies_there(|x| conv(conv(x[0], x[1]), x[2]) + x[0]));
}

#[test]
fn a_gradient_lies_where_the_activation_lay_whose_slope_it_passes() {
    // But where the kernel, whose gradient would wait, is larger.
    for (filters, over) in [(8, true), (64, false)] {
        let kernels = [[1, 1, 8, 8], [1, 1, 8, filters]];
        let kernels = kernels.iter().zip(2..).map(|(sides, seed)| Arg::float(sides, seed));
        let inputs: Vec<Arg> = [Arg::float(&[1, 6, 5, 8], 1)].into_iter().chain(kernels).collect();
        let f = |x: &[Sym<'_>]| -> Vec<_> {
            let y = conv(conv(x[0], x[1]).map(Ew::Relu), x[2]).map(Ew::Square);
            let loss = y.apply(Reduce { kind: ReduceKind::Mean, axes: vec![], keepdims: false });
            x[0].b.apply(Op::Grad(GradOp), &[loss, x[1], x[2]]).iter().map(|g| g.value).collect()
        };
        let graph = folding::build(&inputs, |b, x| f(x).into_iter().map(|v| b.sym(v)).collect());
        let plan = compile(graph, &Cpu::new(Isa::Portable)).unwrap();
        let gated = |inputs: &[_]| inputs.len() == 3;
        let phase = plan.phases.iter().find(|p| p.name == "conv2dInputGrad" && gated(&p.inputs)).unwrap();
        assert_eq!(phase.outputs[0] == phase.inputs[2], over, "{filters}");
    }
}
