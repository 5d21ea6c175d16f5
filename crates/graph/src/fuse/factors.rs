//! What does not vary along the axes of a sum moves out of it: Σ(a · v) = v · Σa. The gradient of
//! batch normalisation for the mean is such a sum; without its factor it is one that is there anyway,
//! the gradient for beta.

use super::groups::peel;
use super::rewrite::Rewrite;
use crate::elementwise::Ew;
use crate::graph::{Graph, Value};
use crate::operator::Operator;
use crate::ops::{Kernel, Op, Reduce, ReduceKind, axes};
use fovea_core::{DType, Shape, TensorType};
use std::collections::HashMap;

/// A sum or mean of `of` times factors that do not vary along its axes.
struct Sum<'g> {
    reduce: &'g Reduce,
    axes: Vec<usize>,
    of: Value,
    /// The first is that of the outermost product; none is −1.
    factors: Vec<Option<Value>>,
}

/// Takes such factors out of all sums and means.
pub(super) fn take_out(graph: Graph) -> Graph {
    let mut rewrite = Rewrite::of(&graph);
    let mut known: HashMap<(&Reduce, Value), Value> = HashMap::new();
    for (i, node) in graph.nodes.iter().enumerate() {
        let Some(sum) = Sum::of(&graph, i) else {
            rewrite.keep(i);
            continue;
        };
        rewrite.origin = node.origin;
        let ty = &node.types[0];
        let mut result = *known.entry((sum.reduce, sum.of)).or_insert_with(|| {
            let of = rewrite.to(sum.of);
            rewrite.push(node.op.clone(), vec![of], ty.clone())
        });
        for factor in sum.factors.iter().rev() {
            let op = if factor.is_some() { Ew::Mul } else { Ew::Neg };
            let factor = factor.map(|v| {
                let from = graph.ty(v);
                rewrite.shaped(rewrite.to(v), from, &sum.along(from, ty))
            });
            result = rewrite.push(
                Op::Elementwise(op),
                [Some(result), factor].into_iter().flatten().collect(),
                ty.clone(),
            );
        }
        rewrite.replace(result);
    }
    rewrite.done()
}

impl<'g> Sum<'g> {
    /// The node as a sum of numbers, with what can leave it.
    fn of(graph: &'g Graph, node: usize) -> Option<Sum<'g>> {
        let node = &graph.nodes[node];
        let Op::Kernel(Kernel::Reduce(reduce)) = &node.op else { return None };
        let x = graph.ty(node.inputs[0]);
        if !matches!(reduce.kind, ReduceKind::Sum | ReduceKind::Mean) || x.dtype != DType::F32 {
            return None;
        }
        let axes = axes::axes(Reduce::NAME, &reduce.axes, &x.shape).ok()?;
        let mut sum = Sum { reduce, axes, of: node.inputs[0], factors: vec![] };
        loop {
            let inner = &graph.nodes[sum.of.node as usize];
            match (&inner.op, &inner.inputs[..]) {
                (Op::Elementwise(Ew::Neg), &[a]) => {
                    sum.factors.push(None);
                    sum.of = a;
                }
                (Op::Elementwise(Ew::Mul), &[a, b]) => {
                    let leaves =
                        |&(a, by): &(Value, Value)| graph.ty(a) == x && sum.is_still(graph.ty(by), x);
                    let sides = [(a, peel(graph, b)), (b, peel(graph, a))];
                    let Some((a, by)) = sides.into_iter().find(leaves) else { return Some(sum) };
                    sum.factors.push(Some(by));
                    sum.of = a;
                }
                _ => return Some(sum),
            }
        }
    }

    /// Whether values of type `by` stay the same along the axes of `x`.
    fn is_still(&self, by: &TensorType, x: &TensorType) -> bool {
        let missing = x.rank() - by.rank();
        self.axes.iter().all(|&axis| axis < missing || by.shape[axis - missing] == Some(1))
    }

    /// The type of a factor `by` without the axes that the sum `y` lacks.
    fn along(&self, by: &TensorType, y: &TensorType) -> TensorType {
        if self.reduce.keepdims {
            return by.clone();
        }
        let missing = y.rank() + self.axes.len() - by.rank();
        let kept = (0..by.rank()).filter(|i| !self.axes.contains(&(i + missing)));
        TensorType::new(by.dtype, kept.map(|i| by.shape[i]).collect::<Shape>())
    }
}
