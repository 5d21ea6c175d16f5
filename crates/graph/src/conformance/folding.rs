//! Products whose channels are scaled and shifted afterwards, as a network in prediction has them: what
//! runs has no pass over the activations, and its results are those of the graph as it was written.

use super::memory::decode;
use super::{cpu, evaluate, gpu};
use crate::builder::{Builder, Sym};
use crate::checked::{AnySample, Arg};
use crate::compose::{BatchNormalize, Composite, Moments};
use crate::elementwise::Ew;
use crate::fuse::{Fused, fuse};
use crate::graph::{Assign, Graph, Leaf, LeafKind, Value};
use crate::ops::attribute::Float;
use crate::ops::conv2d::checked::Case;
use crate::ops::window::Padding;
use crate::ops::{Conv2d, Kernel, MatMul, Op};
use crate::plan::{Prepared, compile};
use crate::target::{Cpu, Gpu};
use fovea_core::DType;
use fovea_gpu::testing::device;
use fovea_kernels::isa::Isa;
use ndarray::ArrayD;

const EPSILON: f64 = 1e-3;

/// A product that is normalised with kept statistics and rectified.
struct Normalised {
    product: Op,
    /// Input, weights, bias, mean, variance, gamma, beta.
    inputs: Vec<Arg>,
}

impl Normalised {
    fn new(product: impl Into<Op>, x: &[usize], weights: &[usize]) -> Normalised {
        let channels = [*weights.last().expect("weights have sides")];
        let vector = |seed| Arg::float(&channels, seed);
        let spread: Vec<f64> = vector(5).data.iter().map(|v| f64::from((0.6 + 0.5 * v) as f32)).collect();
        let variance = Arg::of(DType::F32, &channels, spread);
        let inputs = vec![
            Arg::float(x, 1),
            Arg::float(weights, 2),
            vector(3),
            vector(4),
            variance,
            vector(6),
            vector(7),
        ];
        Normalised { product: product.into(), inputs }
    }

    /// relu(normalise(product + bias)), of leaves in the order of `inputs`.
    fn result<'b>(&self, b: &'b Builder, x: &[Sym<'b>]) -> Sym<'b> {
        let y = b.one(self.product.clone(), &x[..2]) + x[2];
        normalise(b, y, &x[3..]).map(Ew::Relu)
    }

    fn graph(&self) -> Graph {
        build(&self.inputs, |b, x| vec![self.result(b, x)])
    }

    /// What each result's error is measured in: the sum of the absolute values of all its terms.
    fn magnitudes(&self) -> ArrayD<f64> {
        let inputs: Vec<Arg> =
            self.inputs.iter().map(|a| Arg { data: a.data.mapv(f64::abs), ..a.clone() }).collect();
        let data: Vec<ArrayD<f64>> = inputs.iter().map(|a| a.data.clone()).collect();
        let terms = build(&inputs, |b, x| {
            let [bias, mean, variance, gamma, beta] = [x[2], x[3], x[4], x[5], x[6]];
            let y = b.one(self.product.clone(), &x[..2]) + bias + mean;
            vec![y * (variance + EPSILON).map(Ew::Rsqrt) * gamma + beta]
        });
        evaluate(&terms, &data).remove(0)
    }

    fn sample(&self) -> AnySample {
        AnySample::unchecked(self.product.clone(), &self.inputs)
    }

    /// Compares with the f64 definition of the graph as it was written.
    #[track_caller]
    fn check(&self, device: &str, outputs: &[Vec<u8>]) {
        let data: Vec<ArrayD<f64>> = self.inputs.iter().map(|a| a.data.clone()).collect();
        let expected = evaluate(&self.graph(), &data).remove(0);
        let received = decode(DType::F32, &outputs[0]);
        assert_eq!(received.len(), expected.len());
        for ((r, e), m) in received.iter().zip(&expected).zip(&self.magnitudes()) {
            let bound = 8.0 * f64::from(f32::EPSILON) * m;
            assert!((r - e).abs() <= bound, "{:?} on {device}: {r}, expected {e} ± {bound}", self.product);
        }
    }
}

pub(super) fn build(inputs: &[Arg], f: impl for<'b> Fn(&'b Builder, &[Sym<'b>]) -> Vec<Sym<'b>>) -> Graph {
    let b = Builder::new();
    let leaf = |a: &Arg| b.leaf(Leaf { kind: LeafKind::Input, ty: a.ty.clone() });
    let leaves: Vec<Sym> = inputs.iter().map(leaf).collect();
    let outputs: Vec<Value> = f(&b, &leaves).iter().map(|y| y.value).collect();
    b.finish(outputs, vec![], None).unwrap_or_else(|e| panic!("{e}"))
}

/// `y` normalised with mean, variance, gamma and beta.
pub(super) fn normalise<'b>(b: &'b Builder, y: Sym<'b>, statistics: &[Sym<'b>]) -> Sym<'b> {
    let op = BatchNormalize { axis: -1, epsilon: Float::new(EPSILON), scale: true, center: true };
    b.one(Op::Composite(Composite::from(op)), &[&[y], statistics].concat())
}

fn case(
    x: [usize; 4],
    kernel: [usize; 4],
    strides: [usize; 2],
    dilation: [usize; 2],
    groups: usize,
) -> Normalised {
    let conv = Conv2d { strides, dilation, groups, padding: Padding::SAME };
    Normalised::new(conv, &x, &kernel)
}

/// Products with more activations than weights.
fn cases() -> Vec<Normalised> {
    let (one, two) = ([1, 1], [2, 2]);
    let product = |transpose_a| MatMul { transpose_a, transpose_b: false };
    vec![
        case([1, 8, 8, 3], [3, 3, 3, 5], one, one, 1),
        case([2, 9, 11, 2], [3, 2, 2, 17], two, one, 1),
        case([1, 9, 8, 2], [3, 3, 2, 4], one, two, 1),
        case([3, 5, 5, 6], [1, 1, 6, 33], one, one, 1),
        case([2, 8, 7, 4], [3, 3, 2, 6], one, one, 2),
        // Depthwise, with one filter for each channel and with two.
        case([1, 7, 6, 19], [3, 3, 1, 19], one, one, 19),
        case([1, 9, 9, 3], [3, 3, 1, 6], two, one, 3),
        Normalised::new(product(false), &[40, 7], &[7, 5]),
        Normalised::new(product(true), &[7, 40], &[7, 18]),
        Normalised::new(product(false), &[3, 20, 7], &[7, 5]),
        Normalised::new(product(false), &[3, 20, 7], &[3, 7, 5]),
    ]
}

/// How many nodes run elementwise over a value as large as the result, and how many products there are.
fn passes(graph: &Graph) -> [usize; 2] {
    let y = graph.ty(graph.outputs[0]).elements();
    let count = |f: &dyn Fn(&Op) -> bool| {
        graph.nodes.iter().filter(|n| f(&n.op) && n.types[0].elements() == y).count()
    };
    let product = |op: &Op| {
        matches!(op, Op::Fused(Fused::Product(_)) | Op::Kernel(Kernel::Conv2d(_) | Kernel::MatMul(_)))
    };
    [count(&|op| matches!(op, Op::Fused(Fused::Map(_)))), count(&product)]
}

/// Whether the product reads its weights as they were given.
fn weights_are_given(graph: &Graph) -> bool {
    graph.nodes.iter().any(|n| {
        let product = matches!(n.op, Op::Fused(Fused::Product(_)) | Op::Kernel(Kernel::Conv2d(_)));
        product && graph.leaf_of(n.inputs[1].node as usize) == Some(1)
    })
}

#[test]
fn normalisation_joins_the_product_on_every_instruction_set() {
    for case in cases() {
        let graph = fuse(case.graph(), &Cpu::new(Isa::Portable));
        assert_eq!(passes(&graph), [0, 1], "{:?}", case.product);
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            for manner in [cpu::Manner::Plain, cpu::Manner::Awkward] {
                case.check(&format!("{isa:?}"), &cpu::run(isa, &case.sample(), &graph, manner));
            }
        }
    }
}

#[test]
fn normalisation_joins_the_product_on_the_gpu() {
    let Some(device) = device() else { return };
    let target = Gpu(device.limits());
    for case in cases() {
        let graph = fuse(case.graph(), &target);
        assert_eq!(passes(&graph), [0, 1], "{:?}", case.product);
        let outputs = gpu::run(&device, &target, &case.sample(), &graph, gpu::Manner::Plain)
            .unwrap_or_else(|e| panic!("{:?}: {e}", case.product));
        case.check(&device.info().name, &outputs.expect("products and maps have kernels"));
    }
}

#[test]
fn a_plan_runs_one_pass_over_channels_one_over_weights_and_the_convolution() {
    let case = case([1, 8, 8, 3], [3, 3, 3, 5], [1, 1], [1, 1], 1);
    let plan = compile(case.graph(), &Cpu::new(Isa::Portable)).unwrap();
    let maps: Vec<usize> = (plan.phases.iter())
        .filter(|p| p.name == "map")
        .map(|p| plan.extents[p.outputs[0].0 as usize].bytes)
        .collect();
    assert_eq!(maps, [5 * 4, 3 * 3 * 3 * 5 * 4]);
    assert_eq!(plan.phases.last().map(|p| p.name), Some("conv2d"));
}

/// A prediction: what lasts is made of variables.
#[test]
fn variables_are_folded_whatever_that_takes_and_prepared_before_the_rest() {
    for shape in [[1, 3, 3, 8], [1, 30, 30, 8]] {
        let case = case(shape, [3, 3, 8, 40], [1, 1], [1, 1], 1);
        let mut graph = case.graph();
        graph.leaves[1..].iter_mut().for_each(|leaf| leaf.kind = LeafKind::Variable);
        let plan = compile(graph, &Cpu::new(Isa::Portable)).unwrap();
        let Prepared { phases, bytes, leaves } = plan.prepared;
        assert_eq!(leaves, [1, 2, 3, 4, 5, 6]);
        // Kept are the panels of the scaled kernel, and the bias.
        assert!((4 * (9 * 8 * 40 + 40)..5 * (9 * 8 * 40 + 40)).contains(&bytes), "{bytes}");
        let rest: Vec<&str> = plan.phases[phases..].iter().map(|p| p.name).collect();
        assert_eq!(rest, ["conv2d"]);
    }
}

#[test]
fn scaled_weights_of_many_layers_are_not_there_at_once() {
    let layers = 6;
    let weights = Arg::float(&[3, 3, 40, 40], 2);
    let inputs: Vec<Arg> = [Arg::float(&[1, 4, 4, 40], 1), Arg::float(&[40], 3)]
        .into_iter()
        .chain((0..layers).map(|_| weights.clone()))
        .collect();
    let mut graph = build(&inputs, |b, x| {
        let conv = Conv2d { strides: [1, 1], dilation: [1, 1], groups: 1, padding: Padding::SAME };
        vec![x[2..].iter().fold(x[0], |y, &w| b.one(conv, &[y, w]) * x[1])]
    });
    graph.leaves[1..].iter_mut().for_each(|leaf| leaf.kind = LeafKind::Variable);
    let plan = compile(graph, &Cpu::new(Isa::Portable)).unwrap();
    assert!(plan.prepared.bytes >= layers * weights.ty.bytes());
    assert!(plan.arena_bytes < 2 * weights.ty.bytes(), "{}", plan.arena_bytes);
}

#[test]
fn what_is_written_is_not_prepared() {
    let case = case([1, 3, 3, 8], [3, 3, 8, 40], [1, 1], [1, 1], 1);
    let mut graph = case.graph();
    graph.leaves[1..].iter_mut().for_each(|leaf| leaf.kind = LeafKind::Variable);
    let written: Vec<u32> = (1..graph.leaves.len() as u32).collect();
    for leaf in written {
        let value = graph.leaf_value(leaf).unwrap();
        graph.assigns.push(Assign { leaf, value });
    }
    assert_eq!(compile(graph, &Cpu::new(Isa::Portable)).unwrap().prepared, Prepared::default());
}

#[test]
fn more_weights_than_activations_stay_as_they_are() {
    let case = case([1, 3, 3, 8], [3, 3, 8, 4], [1, 1], [1, 1], 1);
    let graph = fuse(case.graph(), &Cpu::new(Isa::Portable));
    assert!(weights_are_given(&graph));
    assert_eq!(passes(&graph), [1, 1]);
    case.check("Portable", &cpu::run(Isa::Portable, &case.sample(), &graph, cpu::Manner::Plain));
}

pub(super) fn mean<'b>(y: Sym<'b>, axes: &[i64]) -> Sym<'b> {
    y.b.apply(Composite::from(Moments { axes: axes.to_vec() }), &[y])[0]
}

/// The graph of a convolution and what `f` makes of it and of a leaf of these sizes, fused.
fn after(sizes: &[usize], f: impl for<'b> Fn(Sym<'b>, Sym<'b>) -> Vec<Sym<'b>>) -> Graph {
    let Case { conv, x, kernel } = Case {
        conv: Conv2d { strides: [1, 1], dilation: [1, 1], groups: 1, padding: Padding::SAME },
        x: [2, 8, 5, 3],
        kernel: [3, 3, 3, 5],
    };
    let inputs = [Arg::float(&x, 1), Arg::float(&kernel, 2), Arg::float(sizes, 3)];
    fuse(build(&inputs, |b, x| f(b.one(conv, &x[..2]), x[2])), &Cpu::new(Isa::Portable))
}

#[test]
fn only_what_belongs_to_channels_and_is_read_once_is_folded() {
    for sizes in [&[5][..], &[1, 5], &[1, 1, 1, 5]] {
        assert!(!weights_are_given(&after(sizes, |y, v| vec![y * v])), "{sizes:?}");
        assert!(!weights_are_given(&after(sizes, |y, v| vec![v * y])), "{sizes:?}");
    }
    // Shifts alone leave the weights, and become one bias.
    for sizes in [&[5][..], &[1, 1, 1, 5]] {
        let graph = after(sizes, |y, v| vec![y - v + v * 2.0]);
        assert_eq!((passes(&graph), weights_are_given(&graph)), ([0, 1], true), "{sizes:?}");
        assert_eq!(passes(&after(sizes, |y, v| vec![y + v])), [0, 1], "{sizes:?}");
    }
    // One number for each row, image, pixel or everything: no channel's.
    for sizes in [&[8, 1, 1][..], &[5, 1], &[2, 1, 1, 1], &[8, 5, 1], &[2, 1, 1, 5], &[1], &[]] {
        assert!(weights_are_given(&after(sizes, |y, v| vec![y * v])), "{sizes:?}");
    }
    // The product broadcast by the other operand.
    assert!(weights_are_given(&after(&[2, 1, 1, 1, 5], |y, v| vec![y * v])));
    // Read twice, as statistics of the batch do, or wanted itself.
    assert!(weights_are_given(&after(&[5], |y, v| vec![(y - mean(y, &[0, 1, 2])) * v])));
    assert!(weights_are_given(&after(&[5], |y, v| vec![y * v, y])));
    // Behind an activation.
    assert!(weights_are_given(&after(&[5], |y, v| vec![y.map(Ew::Relu) * v])));
    // From a number, and by division: other formulas.
    assert!(weights_are_given(&after(&[5], |y, v| vec![v - y])));
    assert!(weights_are_given(&after(&[5], |y, v| vec![y / v])));
}

#[test]
fn gradients_are_those_of_the_weights_that_were_given() {
    let case = case([2, 8, 7, 3], [3, 3, 3, 5], [1, 1], [1, 1], 1);
    let graph = build(&case.inputs, |b, x| {
        let y = case.result(b, x);
        let loss = mean(y * y, &[0, 1, 2, 3]);
        let wanted = [loss, x[0], x[1], x[2], x[6]];
        let mut results = vec![loss];
        results.extend(b.apply(Op::Grad(crate::autodiff::GradOp), &wanted));
        results
    });
    let data: Vec<ArrayD<f64>> = case.inputs.iter().map(|a| a.data.clone()).collect();
    let expected = evaluate(&graph, &data);
    let outputs =
        cpu::run(Isa::Portable, &case.sample(), &fuse(graph, &Cpu::new(Isa::Portable)), cpu::Manner::Plain);
    for (received, expected) in outputs.iter().zip(&expected) {
        let largest = expected.iter().fold(0.0, |m: f64, e| m.max(e.abs()));
        for (r, e) in decode(DType::F32, received).iter().zip(expected) {
            assert!((r - e).abs() <= 1e-5 * largest, "{r}, expected {e}");
        }
    }
}
