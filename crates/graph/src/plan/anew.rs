//! What a plan computes anew rather than keep: the result of a first convolution, whose few input channels make it
//! nearly free, may be a third of all that lies waiting for the backward pass.

use super::Plan;
use crate::fuse::reorder;
use crate::graph::{Graph, Value};
use crate::lower::Lowered;

/// The work of a plan, in units of what may be done twice: a few thousandths of a step.
const WORK: f64 = 256.0;
/// Of the arena, what has to be gained at least: an eighth.
const GAIN: usize = 8;

/// A graph that computes something anew.
pub(super) struct Remade {
    pub graph: Graph,
    /// Of what need not lie waiting.
    bytes: usize,
}

impl Remade {
    /// Whether the plan of the graph that keeps it could shrink enough.
    pub fn may_pay<W>(&self, plan: &Plan<W>) -> bool {
        self.bytes * GAIN >= plan.arena_bytes
    }
}

/// The graph where the gradients of a training step read a second result of a product: the largest of those that take
/// next to no work, and read only what is there anyway by then. The guard says where forward ends. `None` if there is
/// no such product.
pub(super) fn remade<W>(graph: &Graph, lowered: &[Lowered<W>]) -> Option<Remade> {
    graph.guard?;
    let forward = &graph.ancestors(graph.guard);
    let work: f64 = lowered.iter().map(|node| node.flops).sum();
    let reads = &|reader: usize, i: usize| graph.nodes[reader].inputs.iter().any(|v| v.node as usize == i);
    let later = |i: usize| (i + 1..graph.nodes.len()).filter(move |&k| !forward[k] && reads(k, i));
    let cheap = |i: usize| lowered[i].flops > 0.0 && lowered[i].flops * WORK <= work;
    let is_there =
        |v: &Value| graph.leaf_of(v.node as usize).is_some() || later(v.node as usize).next().is_some();
    let is_result = |i: usize| graph.results().any(|v| v.node as usize == i);
    let bytes = |i: usize| graph.nodes[i].types.iter().map(|ty| ty.bytes()).sum::<usize>();
    let largest = (0..graph.nodes.len())
        .filter(|&i| forward[i] && cheap(i) && !is_result(i) && graph.nodes[i].inputs.iter().all(is_there))
        .max_by_key(|&i| bytes(i))?;
    let first = later(largest).next()?;
    let mut remade = graph.clone();
    let again = remade.nodes.len();
    remade.nodes.push(graph.nodes[largest].clone());
    for reader in later(largest) {
        let inputs = remade.nodes[reader].inputs.iter_mut().filter(|v| v.node as usize == largest);
        inputs.for_each(|v| *v = Value { node: again as u32, ..*v });
    }
    // Nodes that are ready run in their order: not before somebody waits for it.
    let order: Vec<usize> = (0..first).chain([again]).chain(first..again).collect();
    Some(Remade { graph: reorder(remade, &order), bytes: bytes(largest) })
}

/// Whether a plan that computes something anew takes so much less memory that it is worth it.
pub(super) fn pays<W>(plan: &Plan<W>, leaner: &Plan<W>) -> bool {
    plan.arena_bytes - plan.arena_bytes / GAIN >= leaner.arena_bytes && plan.writes == leaner.writes
}
