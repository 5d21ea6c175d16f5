//! Matrix products that elementwise ops alone read: joined with them, they give the same bits.

use super::cpu::{self, Manner};
use crate::builder::{Builder, Sym};
use crate::checked::{AnySample, Arg};
use crate::elementwise::Ew;
use crate::fuse::{Fused, fuse, join};
use crate::graph::{Assign, Graph, Leaf, LeafKind, Value};
use crate::ops::{MatMul, Op};
use crate::target::Cpu;
use fovea_core::DType;
use fovea_kernels::isa::Isa;

/// The weights' gradient of a dense layer.
const GRADIENT: MatMul = MatMul { transpose_a: true, transpose_b: false };

/// A graph of variables that are assigned, in their order, the first values of `f`; the rest are outputs.
fn graph(inputs: &[Arg], assigned: &[u32], f: impl for<'b> Fn(&[Sym<'b>]) -> Vec<Sym<'b>>) -> Graph {
    let b = Builder::new();
    let leaf = |(i, a): (usize, &Arg)| {
        let kind = if assigned.contains(&(i as u32)) { LeafKind::Variable } else { LeafKind::Input };
        b.leaf(Leaf { kind, ty: a.ty.clone() })
    };
    let leaves: Vec<Sym> = inputs.iter().enumerate().map(leaf).collect();
    let values: Vec<Value> = f(&leaves).iter().map(|y| y.value).collect();
    let assigns = assigned.iter().zip(&values).map(|(&leaf, &value)| Assign { leaf, value }).collect();
    b.finish(values[assigned.len()..].to_vec(), assigns, None).unwrap_or_else(|e| panic!("{e}"))
}

fn matmul<'b>(op: MatMul, a: Sym<'b>, b: Sym<'b>) -> Sym<'b> {
    a.b.one(op, &[a, b])
}

fn joined(graph: &Graph) -> bool {
    graph.nodes.iter().any(|n| matches!(n.op, Op::Fused(Fused::Mapped(_))))
}

/// Holds the joined graph, run in every manner on every instruction set, against the one that is not.
#[track_caller]
fn check(inputs: Vec<Arg>, f: impl for<'b> Fn(&[Sym<'b>]) -> Vec<Sym<'b>>) {
    let apart = fuse(graph(&inputs, &[], f), &Cpu::new(Isa::Portable));
    let together = join(apart.clone(), 0);
    assert!(joined(&together) && !joined(&apart));
    assert!(together.nodes.len() < apart.nodes.len());
    let sample = AnySample::unchecked(GRADIENT, &inputs);
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        let expected = cpu::run(isa, &sample, &apart, Manner::Plain);
        for manner in [Manner::Plain, Manner::Awkward] {
            assert!(cpu::run(isa, &sample, &together, manner) == expected, "{isa:?}");
        }
    }
}

/// Weights, both moments, and the factors of their gradient.
fn layer(batch: usize, inputs: usize, outputs: usize) -> Vec<Arg> {
    let square = |seed| {
        let a = Arg::float(&[inputs, outputs], seed);
        let data = a.data.iter().map(|v| f64::from((v * v) as f32)).collect();
        Arg::of(DType::F32, &[inputs, outputs], data)
    };
    vec![
        Arg::float(&[inputs, outputs], 1),
        Arg::float(&[inputs, outputs], 2),
        square(3),
        Arg::float(&[batch, inputs], 4),
        Arg::float(&[batch, outputs], 5),
        Arg::of(DType::F32, &[], vec![0.125]),
    ]
}

#[test]
fn an_optimizer_joins_the_gradient_of_the_weights() {
    for (batch, inputs, outputs) in [(8, 100, 512), (33, 47, 131), (300, 30, 259)] {
        check(layer(batch, inputs, outputs), |x| {
            let &[w, m, v, a, dy, rate] = x else { unreachable!("a layer has six operands") };
            let g = matmul(GRADIENT, a, dy);
            let (m, v) = (m + (g - m) * 0.1, v + (g * g - v) * 0.001);
            vec![w - m * rate / (v.map(Ew::Sqrt) + 1e-7), m, v]
        });
    }
}

#[test]
fn an_optimizer_in_float32_joins_the_gradient_of_a_layer_in_bfloat16() {
    for (batch, inputs, outputs) in [(8, 100, 512), (33, 47, 131)] {
        let mut layer = layer(batch, inputs, outputs);
        for factor in &mut layer[3..5] {
            *factor = Arg::of(DType::Bf16, &factor.ty.sizes(), factor.data.iter().copied().collect());
        }
        check(layer, |x| {
            let &[w, m, v, a, dy, rate] = x else { unreachable!("a layer has six operands") };
            let g = matmul(GRADIENT, a, dy).cast(DType::F32);
            let (m, v) = (m + (g - m) * 0.1, v + (g * g - v) * 0.001);
            vec![w - m * rate / (v.map(Ew::Sqrt) + 1e-7), m, v]
        });
    }
}

#[test]
fn operands_are_repeated_along_rows_columns_and_batches() {
    let arg = |sizes: &[usize], seed| Arg::float(sizes, seed);
    let factors = [arg(&[3, 70, 40], 1), arg(&[3, 40, 150], 2)];
    let others = [arg(&[150], 3), arg(&[70, 1], 4), arg(&[3, 1, 1], 5), arg(&[3, 70, 150], 6), arg(&[], 7)];
    check([&factors[..], &others].concat(), |x| {
        let p = matmul(MatMul { transpose_a: false, transpose_b: false }, x[0], x[1]);
        let y = (p * x[3] + x[5]).map(Ew::Tanh);
        vec![y * x[2] + x[4], y * x[6]]
    });
}

#[test]
fn what_follows_the_epilogue_joins_too() {
    let arg = |sizes: &[usize], seed| Arg::float(sizes, seed);
    check(vec![arg(&[50, 20], 1), arg(&[20, 140], 2), arg(&[140], 3), arg(&[50, 140], 4)], |x| {
        let p = matmul(MatMul { transpose_a: false, transpose_b: false }, x[0], x[1]);
        vec![((p + x[2]).map(Ew::Relu) * x[3]).map(Ew::Relu)]
    });
}

#[test]
fn a_product_that_is_needed_elsewhere_or_read_from_where_results_go_stays_apart() {
    type Results = for<'b> fn(&[Sym<'b>]) -> Vec<Sym<'b>>;
    let square = || [1, 2, 3].map(|seed| Arg::float(&[140, 140], seed)).to_vec();
    let joins = |assigned: &[u32], least: usize, f: Results| {
        joined(&join(fuse(graph(&square(), assigned, f), &Cpu::new(Isa::Portable)), least))
    };
    let least = 140 * 140;
    assert!(joins(&[], least, |x| vec![matmul(GRADIENT, x[0], x[1]) * 0.5 + x[2]]));
    assert!(joins(&[2], least, |x| vec![x[2] - matmul(GRADIENT, x[0], x[1]) * 0.5]));
    // Too small.
    assert!(!joins(&[], least + 1, |x| vec![matmul(GRADIENT, x[0], x[1]) * 0.5 + x[2]]));
    // Wanted itself, or read by two.
    assert!(!joins(&[], least, |x| {
        let p = matmul(GRADIENT, x[0], x[1]);
        vec![p * 0.5 + x[2], p]
    }));
    assert!(!joins(&[], least, |x| {
        let p = matmul(GRADIENT, x[0], x[1]);
        vec![p * 0.5 + x[2], matmul(GRADIENT, p, x[2])]
    }));
    // The results may come to lie over a factor.
    assert!(!joins(&[], least, |x| vec![matmul(GRADIENT, x[0], x[1]) * 0.5 + x[0]]));
    assert!(!joins(&[1], least, |x| vec![matmul(GRADIENT, x[0], x[1]) * 0.5]));
    // Blocks of columns.
    assert!(!joins(&[], least, |x| {
        vec![matmul(MatMul { transpose_a: true, transpose_b: true }, x[0], x[1]) * 0.5 + x[2]]
    }));
}
