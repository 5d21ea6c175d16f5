//! Evaluates a graph in f64, with every op's oracle in place of its kernel.

use crate::elementwise::Ew;
use crate::graph::{Graph, Value};
use crate::ops::Op;
use ndarray::{ArrayD, Zip};

/// The graph's outputs for these leaves.
pub(crate) fn evaluate(graph: &Graph, leaves: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
    let mut values: Vec<Vec<ArrayD<f64>>> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let input = |v: &Value| values[v.node as usize][v.out as usize].clone();
        let computed = match &node.op {
            Op::Leaf(leaf) => vec![leaves[*leaf as usize].clone()],
            Op::Constant(number) => vec![ArrayD::from_elem(vec![], number.value())],
            Op::Elementwise(op) => {
                let x: Vec<_> = node.inputs.iter().map(input).collect();
                vec![elementwise(*op, &x)]
            }
            Op::Kernel(kernel) => {
                let x: Vec<_> = node.inputs.iter().map(input).collect();
                kernel.oracle(&x)
            }
            op => unreachable!("{} is expanded before, or made after", op.name()),
        };
        for (ty, x) in node.types.iter().zip(&computed) {
            assert_eq!(ty.sizes(), x.shape(), "{:?}: inferred type and oracle differ", node.op);
        }
        values.push(computed);
    }
    graph.outputs.iter().map(|v| values[v.node as usize][v.out as usize].clone()).collect()
}

/// An elementwise op on operands that broadcast.
pub(super) fn elementwise(op: Ew, x: &[ArrayD<f64>]) -> ArrayD<f64> {
    let rank = x.iter().map(ArrayD::ndim).max().unwrap_or(0);
    let side = |x: &ArrayD<f64>, i: usize| (i + x.ndim()).checked_sub(rank).map_or(1, |j| x.shape()[j]);
    // A side of 0 wins over 1, as any other side does.
    let shape: Vec<usize> =
        (0..rank).map(|i| x.iter().map(|x| side(x, i)).find(|&n| n != 1).unwrap_or(1)).collect();
    let x: Vec<_> = x.iter().map(|x| x.broadcast(shape.clone()).expect("samples broadcast")).collect();
    let mut y = ArrayD::zeros(shape.clone());
    match &x[..] {
        [a] => Zip::from(&mut y).and(a).for_each(|y, &a| *y = op.oracle(&[a])),
        [a, b] => Zip::from(&mut y).and(a).and(b).for_each(|y, &a, &b| *y = op.oracle(&[a, b])),
        [a, b, c] => {
            Zip::from(&mut y).and(a).and(b).and(c).for_each(|y, &a, &b, &c| *y = op.oracle(&[a, b, c]));
        }
        _ => unreachable!("the table has at most three operands"),
    }
    y
}
