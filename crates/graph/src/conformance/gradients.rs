//! The gradient graph that the rules emit, evaluated with the oracles in f64, against central
//! differences.

use super::interpret::evaluate;
use super::samples;
use crate::autodiff::GradOp;
use crate::builder::{Builder, Sym};
use crate::checked::{AnySample, Arg};
use crate::elementwise::Ew;
use crate::graph::{Graph, Leaf, LeafKind, Value};
use crate::ops::{Kernel, Op, ReduceKind};
use ndarray::ArrayD;
use std::collections::BTreeMap;

const RTOL: f64 = 1e-6;
const ATOL: f64 = 1e-8;
/// Balances truncation (h²) with rounding (1/h) in f64.
const STEP: f64 = 1e-5;
/// Leaves with more elements are differentiated along directions that move all of them.
const MANY: usize = 48;
const DIRECTIONS: u64 = 3;

/// Something to sum over and differentiate, written with its leaves.
pub(crate) type Loss<'f> = &'f dyn for<'b> Fn(&'b Builder, &[Sym<'b>]) -> Sym<'b>;

pub(super) fn graph_of(
    leaves: &[Arg],
    write: &dyn for<'b> Fn(&'b Builder, &[Sym<'b>]) -> Vec<Sym<'b>>,
) -> Graph {
    let b = Builder::new();
    let leaf = |a: &Arg| b.leaf(Leaf { kind: LeafKind::Input, ty: a.ty.clone() });
    let x: Vec<Sym> = leaves.iter().map(leaf).collect();
    let outputs: Vec<Value> = write(&b, &x).iter().map(|y| y.value).collect();
    let graph = b.finish(outputs, vec![], None).unwrap_or_else(|e| panic!("{e}"));
    crate::fuse::prune(graph)
}

pub(super) fn gradients<'b>(b: &'b Builder, loss: Sym<'b>, wrt: &[Sym<'b>]) -> Vec<Sym<'b>> {
    let mut g = b.apply(Op::Grad(GradOp), &[&[loss], wrt].concat());
    g.truncate(wrt.len());
    g
}

/// The gradient of the sum of an op's first output for its first operand, in f64.
pub(crate) fn gradient_of(op: &Op, x: &[Arg]) -> ArrayD<f64> {
    let graph = graph_of(x, &|b, x| gradients(b, b.apply(op.clone(), x)[0], &x[..1]));
    let at: Vec<ArrayD<f64>> = x.iter().map(|a| a.data.clone()).collect();
    evaluate(&graph, &at).remove(0)
}

pub(super) fn float_leaves(leaves: &[Arg]) -> Vec<usize> {
    (0..leaves.len()).filter(|&i| leaves[i].ty.dtype.is_float()).collect()
}

/// Ways to move a leaf: each of its elements, or all of them at once if they are many.
fn directions(x: &ArrayD<f64>) -> Vec<ArrayD<f64>> {
    if x.len() <= MANY {
        let unit = |i: usize| {
            let mut d = ArrayD::zeros(x.shape().to_vec());
            d.as_slice_mut().expect("a fresh array is contiguous")[i] = 1.0;
            d
        };
        (0..x.len()).map(unit).collect()
    } else {
        (0..DIRECTIONS).map(|seed| Arg::float(x.shape(), 100 + seed).data).collect()
    }
}

/// What was compared: how many derivatives, and where they differ.
#[derive(Default)]
struct Findings {
    compared: usize,
    wrong: Vec<String>,
}

impl Findings {
    #[track_caller]
    fn assert_right(&self, at_least: usize) {
        let shown: Vec<&str> = self.wrong.iter().take(20).map(String::as_str).collect();
        assert!(self.wrong.is_empty(), "{} gradients are wrong:\n{}", self.wrong.len(), shown.join("\n"));
        assert!(self.compared >= at_least, "only {} derivatives were compared", self.compared);
    }
}

/// Checks the gradients of a loss for every float leaf.
#[track_caller]
pub(crate) fn check_gradients(what: &str, leaves: &[Arg], loss: Loss) {
    let mut findings = Findings::default();
    check(&mut findings, what, leaves, &float_leaves(leaves), loss);
    findings.assert_right(1);
}

/// The sum of the differences of two arrays' elements; equal infinities do not differ.
fn difference(a: &ArrayD<f64>, b: &ArrayD<f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| if a == b { 0.0 } else { a - b }).sum()
}

/// Compares the gradients of a loss for some leaves with differences, and gives them.
fn check(findings: &mut Findings, what: &str, leaves: &[Arg], wrt: &[usize], loss: Loss) -> Vec<ArrayD<f64>> {
    let value = graph_of(leaves, &|b, x| vec![loss(b, x)]);
    let gradient = graph_of(leaves, &|b, x| {
        let wrt: Vec<Sym> = wrt.iter().map(|&i| x[i]).collect();
        gradients(b, loss(b, x), &wrt)
    });
    let at: Vec<ArrayD<f64>> = leaves.iter().map(|a| a.data.clone()).collect();
    let gradients = evaluate(&gradient, &at);
    for (&leaf, g) in wrt.iter().zip(&gradients) {
        assert_eq!(g.shape(), at[leaf].shape(), "{what}: the gradient of operand {leaf} has another shape");
        let wrong = directions(&at[leaf]).into_iter().find_map(|d| {
            let moved = |h: f64| {
                let mut at = at.clone();
                at[leaf].scaled_add(h, &d);
                evaluate(&value, &at).remove(0)
            };
            findings.compared += 1;
            let expected = difference(&moved(STEP), &moved(-STEP)) / (2.0 * STEP);
            let (received, magnitude) = ((g * &d).sum(), (g * &d).mapv(f64::abs).sum());
            let right = (received - expected).abs() <= RTOL * magnitude.max(expected.abs()) + ATOL;
            (!right).then(|| {
                format!("{what}: operand {leaf}: the gradient says {received}, differences say {expected}")
            })
        });
        findings.wrong.extend(wrong);
    }
    gradients
}

/// A sample with weights for one of its outputs, so that its loss treats no two elements alike.
fn weighted(sample: &AnySample, output: usize) -> Vec<Arg> {
    let types = sample.op.infer(&sample.types()).expect("a sample is valid");
    let mut leaves = sample.inputs.clone();
    leaves.push(Arg::float(&types[output].sizes(), 200));
    leaves
}

/// Samples and float outputs that can be differentiated.
fn differentiable() -> Vec<(AnySample, usize)> {
    let smooth = |s: &AnySample| s.smooth && !matches!(s.op, Op::Elementwise(Ew::StopGradient));
    let has_floats = |s: &AnySample| !float_leaves(&s.inputs).is_empty();
    let one = |s: AnySample| {
        let types = s.op.infer(&s.types()).expect("a sample is valid");
        types.iter().position(|t| t.dtype.is_float()).map(|output| (s, output))
    };
    samples().into_iter().filter(|s| smooth(s) && has_floats(s)).filter_map(one).collect()
}

#[test]
fn gradients_are_central_differences() {
    let mut samples_of: BTreeMap<&str, usize> = BTreeMap::new();
    let mut findings = Findings::default();
    for (sample, output) in differentiable() {
        let inputs = sample.inputs.len();
        let leaves = weighted(&sample, output);
        let gradients =
            check(&mut findings, &sample.describe(), &leaves, &float_leaves(&sample.inputs), &|b, x| {
                b.apply(sample.op.clone(), &x[..inputs])[output] * x[inputs]
            });
        if gradients.iter().any(|g| g.iter().any(|&g| g != 0.0)) {
            *samples_of.entry(sample.op.name()).or_default() += 1;
        }
    }
    findings.assert_right(5_000);
    let short: Vec<_> = samples_of.iter().filter(|&(_, &count)| count < 8).collect();
    assert!(short.is_empty(), "too few differentiable samples: {short:?}");
    assert!(samples_of.len() >= 40, "only {} ops have gradients", samples_of.len());
}

/// Where an op's gradient rule says that a second derivative is not right.
fn lacks_second_derivative(sample: &AnySample) -> bool {
    match &sample.op {
        Op::Kernel(Kernel::Reduce(r)) => {
            r.kind == ReduceKind::Prod && sample.inputs[0].data.iter().any(|&x| x == 0.0)
        }
        _ => false,
    }
}

#[test]
fn second_derivatives_are_central_differences_of_the_first() {
    let mut findings = Findings::default();
    for (sample, output) in differentiable() {
        let inputs = sample.inputs.len();
        for operand in float_leaves(&sample.inputs) {
            let mut leaves = weighted(&sample, output);
            // Enough for one element each: what is large is covered by the first derivatives.
            if leaves.iter().any(|a| a.data.len() > 400) || lacks_second_derivative(&sample) {
                continue;
            }
            leaves.push(Arg::float(leaves[operand].data.shape(), 300));
            let what = format!("second derivative of {}", sample.describe());
            check(&mut findings, &what, &leaves, &float_leaves(&leaves), &|b, x| {
                let loss = b.apply(sample.op.clone(), &x[..inputs])[output] * x[inputs];
                gradients(b, loss, &[x[operand]])[0] * x[inputs + 1]
            });
        }
    }
    findings.assert_right(5_000);
}
