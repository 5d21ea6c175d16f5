//! Convolutions of padded images: what runs pads nothing, and its results and gradients are those of
//! images that had the zeros from the start.

use super::memory::decode;
use super::{cpu, evaluate};
use crate::autodiff::GradOp;
use crate::builder::{Builder, Sym};
use crate::checked::{AnySample, Arg};
use crate::fuse::fuse;
use crate::graph::{Graph, Leaf, LeafKind, Value};
use crate::ops::attribute::Float;
use crate::ops::conv2d::checked::Case;
use crate::ops::window::Padding;
use crate::ops::{Conv2d, Op, Pad, Reduce, ReduceKind};
use crate::target::Cpu;
use fovea_core::DType;
use fovea_kernels::isa::Isa;
use ndarray::{ArrayD, Slice};

type Pads = [[usize; 2]; 2];

/// The convolution of what `around` makes of the image, and its gradients for image and kernel.
fn graph(conv: Conv2d, inputs: &[Arg], around: impl for<'b> Fn(Sym<'b>) -> Sym<'b>) -> Graph {
    let b = Builder::new();
    let leaf = |a: &Arg| b.leaf(Leaf { kind: LeafKind::Input, ty: a.ty.clone() });
    let (x, kernel) = (leaf(&inputs[0]), leaf(&inputs[1]));
    let y = b.one(conv, &[around(x), kernel]);
    let sum = Reduce { kind: ReduceKind::Sum, axes: vec![], keepdims: false };
    let gradients = b.apply(Op::Grad(GradOp), &[(y * y).apply(sum), x, kernel]);
    let outputs: Vec<Value> = [y].iter().chain(&gradients).map(|y| y.value).collect();
    b.finish(outputs, vec![], None).unwrap_or_else(|e| panic!("{e}"))
}

fn padded(x: Sym<'_>, [[top, bottom], [left, right]]: Pads) -> Sym<'_> {
    let (low, high) = (vec![0, top, left, 0], vec![0, bottom, right, 0]);
    x.apply(Pad { low, high, interior: vec![0; 4], value: Float::new(0.0) })
}

/// The names of what the results are computed by.
fn live(graph: &Graph) -> Vec<&'static str> {
    let seen: Vec<Vec<bool>> = graph.results().map(|v| graph.ancestors(Some(v))).collect();
    let nodes = graph.nodes.iter().enumerate();
    nodes.filter(|(i, _)| seen.iter().any(|seen| seen[*i])).map(|(_, n)| n.op.name()).collect()
}

/// The positions of an image inside its padded copy.
fn inside(padded: &ArrayD<f64>, pads: Pads) -> ArrayD<f64> {
    let mut image = padded.view();
    for (axis, &[low, high]) in pads.iter().enumerate() {
        let end = image.shape()[axis + 1] - high;
        image.slice_axis_inplace(ndarray::Axis(axis + 1), Slice::from(low..end));
    }
    image.to_owned()
}

fn case(x: [usize; 4], kernel: [usize; 4], stride: usize, groups: usize, padding: Padding) -> Case {
    let conv = Conv2d { strides: [stride; 2], dilation: [1, 1], groups, padding };
    Case { conv, x, kernel }
}

#[test]
fn a_convolution_takes_the_padding_before_it() {
    let own = Padding::Explicit([[1, 0], [0, 2]]);
    for (case, pads) in [
        (case([2, 6, 8, 3], [3, 3, 3, 5], 2, 1, Padding::VALID), [[0, 1], [0, 1]]),
        (case([1, 7, 6, 3], [5, 5, 3, 4], 2, 1, Padding::VALID), [[3, 3], [3, 3]]),
        (case([2, 6, 5, 18], [3, 3, 1, 18], 2, 18, Padding::VALID), [[0, 1], [1, 1]]),
        (case([1, 5, 6, 4], [3, 3, 2, 6], 1, 2, own), [[1, 2], [0, 1]]),
        (case([1, 5, 4, 3], [3, 3, 1, 6], 1, 3, Padding::VALID), [[1, 1], [1, 1]]),
        (case([1, 3, 4, 2], [2, 2, 2, 3], 1, 1, Padding::VALID), [[4, 0], [0, 3]]),
    ] {
        let Case { conv, x, kernel } = case;
        let inputs = [Arg::float(&x, 1), Arg::float(&kernel, 2)];
        let written = graph(conv, &inputs, |x| padded(x, pads));
        assert!(!live(&written).iter().any(|name| ["pad", "slice"].contains(name)), "{conv:?}");

        let [top, left] = [pads[0][0], pads[1][0]];
        let sides = [x[0], x[1] + top + pads[0][1], x[2] + left + pads[1][1], x[3]];
        let mut zeros = Arg::float(&sides, 0);
        zeros.data = ArrayD::from_shape_fn(sides.to_vec(), |at| {
            let source = at[1].checked_sub(top).zip(at[2].checked_sub(left));
            source
                .and_then(|(h, w)| inputs[0].data.get([at[0], h, w, at[3]].as_slice()))
                .copied()
                .unwrap_or(0.0)
        });
        let reference = graph(conv, &[zeros.clone(), inputs[1].clone()], |x| x);
        let mut expected = evaluate(&reference, &[zeros.data, inputs[1].data.clone()]);
        expected[1] = inside(&expected[1], pads);

        let data: Vec<ArrayD<f64>> = inputs.iter().map(|a| a.data.clone()).collect();
        for (received, expected) in evaluate(&written, &data).iter().zip(&expected) {
            assert_eq!(received.shape(), expected.shape());
            let error = (received - expected).mapv(f64::abs).fold(0.0, |a: f64, b| a.max(*b));
            assert!(error < 1e-12, "{conv:?}: {error}");
        }
        let sample = AnySample::unchecked(conv, &inputs);
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            let outputs =
                cpu::run(isa, &sample, &fuse(written.clone(), &Cpu::new(isa)), cpu::Manner::Awkward);
            for (received, expected) in outputs.iter().zip(&expected) {
                let largest = expected.iter().fold(0.0, |m: f64, e| m.max(e.abs()));
                for (r, e) in decode(DType::F32, received).iter().zip(expected) {
                    assert!((r - e).abs() <= 1e-5 * largest, "{isa:?} {conv:?}: {r}, expected {e}");
                }
            }
        }
    }
}

#[test]
fn other_padding_stays() {
    let stays = |padding: Padding, low: [usize; 4], interior: usize, value: f64| {
        let Case { conv, x, kernel } = case([1, 5, 6, 2], [3, 3, 2 + low[3], 4], 2, 1, padding);
        let interior = vec![0, interior, 0, 0];
        let pad = Pad { low: low.to_vec(), high: vec![0, 1, 1, 0], interior, value: Float::new(value) };
        let inputs = [Arg::float(&x, 1), Arg::float(&kernel, 2)];
        live(&graph(conv, &inputs, |x| x.apply(pad.clone()))).contains(&"pad")
    };
    assert!(!stays(Padding::VALID, [0, 1, 1, 0], 0, 0.0));
    // Other values, zeros between pixels, zeros that depend on how many there are.
    assert!(stays(Padding::VALID, [0, 1, 1, 0], 0, 1.0));
    assert!(stays(Padding::VALID, [0, 1, 1, 0], 1, 0.0));
    assert!(stays(Padding::SAME, [0, 1, 1, 0], 0, 0.0));
    // More images, more channels.
    assert!(stays(Padding::VALID, [1, 0, 0, 0], 0, 0.0));
    assert!(stays(Padding::VALID, [0, 0, 0, 1], 0, 0.0));
}
