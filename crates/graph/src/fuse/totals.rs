//! Sums over leading axes, as of a gradient to one number for each channel: they are taken while a map
//! has the elements at hand, so that a value that only sums read never reaches memory.

use super::groups::{Groups, iterated, peel};
use super::map::Total;
use crate::graph::{Graph, Value};
use crate::operator::Operator;
use crate::ops::{Kernel, Op, Reduce, ReduceKind, axes};
use fovea_core::{DType, Shape};
use std::collections::HashMap;

/// With more numbers that are kept than these, the sums of a chunk would crowd each other out of L2.
const MOST_KEPT: usize = 4096;

/// How a node reduces its operand, if a map can do so: over at least two places, which all stand before
/// the kept ones.
pub(super) fn of(graph: &Graph, node: usize) -> Option<Total> {
    let node = &graph.nodes[node];
    let Op::Kernel(Kernel::Reduce(reduce)) = &node.op else { return None };
    let total = match reduce.kind {
        ReduceKind::Sum => Total::Sum,
        ReduceKind::Mean => Total::Mean,
        _ => return None,
    };
    let x = graph.ty(node.inputs[0]);
    let kept = node.types[0].elements();
    let fits = x.dtype == DType::F32 && (1..=MOST_KEPT).contains(&kept) && x.elements() > kept;
    (fits && leads(reduce, &x.shape)).then_some(total)
}

/// Whether all axes that are reduced stand before all that are kept, those of one place aside.
fn leads(reduce: &Reduce, shape: &Shape) -> bool {
    let Ok(axes) = axes::axes(Reduce::NAME, &reduce.axes, shape) else { return false };
    let mut kinds = (0..shape.rank()).filter(|&i| shape[i] != Some(1)).map(|i| axes.contains(&i));
    kinds.by_ref().find(|&reduced| !reduced);
    !kinds.any(|reduced| reduced)
}

impl Groups {
    /// Lets groups with totals run together with others over the same shape that read the same values.
    /// A total that is alone then is none.
    pub(super) fn join_readers(&mut self, graph: &Graph) {
        let is_total = |&node: &usize| matches!(graph.nodes[node].op, Op::Kernel(_));
        for readers in readers(graph, self) {
            let with = readers.iter().find(|&&reader| self.order.with(reader).iter().any(is_total)).copied();
            if let Some(with) = with {
                readers.iter().for_each(|&reader| self.join(graph, reader, with));
            }
        }
        for node in (0..graph.nodes.len()).filter(is_total) {
            self.grouped[node] &= self.order.with(node).len() > 1;
        }
    }
}

/// For each value that members of groups read element by element, those members.
fn readers(graph: &Graph, groups: &Groups) -> Vec<Vec<usize>> {
    let mut place: HashMap<Value, usize> = HashMap::new();
    let mut readers: Vec<Vec<usize>> = vec![];
    for i in (0..graph.nodes.len()).filter(|&i| groups.grouped[i]) {
        for v in graph.nodes[i].inputs.iter().map(|&v| peel(graph, v)) {
            if graph.ty(v).shape == *iterated(graph, i) {
                let at = *place.entry(v).or_insert(readers.len());
                if at == readers.len() {
                    readers.push(vec![]);
                }
                readers[at].push(i);
            }
        }
    }
    readers
}
