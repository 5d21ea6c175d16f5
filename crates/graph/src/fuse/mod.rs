//! Fusion, after autodiff: scales of channels join the weights of the convolution or product before
//! them, bias and activation the product itself, and elementwise ops that can run in one pass become one
//! node, with the sums of what they compute, which a large product before it may join, or whose first steps a
//! product takes over. Fused ops have no gradient rule.

mod cover;
mod epilogue;
mod factors;
mod finish;
mod fold;
mod groups;
mod map;
mod mapped;
mod moments;
mod order;
mod pooled;
mod rematerialise;
mod rewrite;
mod totals;

pub use epilogue::FusedProduct;
#[cfg(test)]
pub(crate) use epilogue::samples;
pub use map::{Arg, Map, Output, Step, Total};
pub use mapped::MappedProduct;
pub use pooled::PooledGrad;

use crate::gpu::{Program, Shade};
use crate::graph::{Graph, Node, Value};
use crate::lower::Lower;
use crate::target::Target;
use crate::verify::verify;
use crate::widen::widen;
use fovea_core::{Result, TensorType};
use std::sync::Arc;

/// An op made by fusion.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Fused {
    /// Elementwise ops over one shape, run strip by strip.
    Map(Arc<Map>),
    /// A convolution or matrix product and what follows it on its way to memory.
    Product(FusedProduct),
    /// A matrix product and the elementwise ops after it, block by block.
    Mapped(Arc<MappedProduct>),
    /// A gradient of a convolution, from the gradient of what max pooling makes of its output.
    Pooled(PooledGrad),
}

impl Fused {
    pub fn name(&self) -> &'static str {
        match self {
            Fused::Map(_) => "map",
            Fused::Product(p) => p.name(),
            Fused::Mapped(_) => MappedProduct::NAME,
            Fused::Pooled(p) => p.name(),
        }
    }

    pub fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        match self {
            Fused::Map(m) => Ok(m.types()),
            Fused::Product(p) => p.infer(x),
            Fused::Mapped(m) => m.infer(x),
            Fused::Pooled(p) => p.infer(x),
        }
    }

    pub fn cpu(&self, cx: &mut Lower) -> Result<()> {
        match self {
            Fused::Map(m) => m.cpu(cx),
            Fused::Product(p) => p.cpu(cx),
            Fused::Mapped(m) => m.cpu(cx),
            Fused::Pooled(p) => p.cpu(cx),
        }
    }

    pub fn gpu(&self, cx: &Shade) -> Option<Program> {
        match self {
            Fused::Map(m) => m.gpu(cx),
            Fused::Product(p) => p.gpu(cx),
            Fused::Mapped(_) | Fused::Pooled(_) => None,
        }
    }

    /// Inputs where outputs may lie: each element is read before anything is written there.
    pub fn overwritable(&self) -> Vec<usize> {
        match self {
            Fused::Map(m) => m.overwritable(),
            Fused::Product(_) | Fused::Pooled(_) => vec![],
            Fused::Mapped(m) => m.overwritable(),
        }
    }
}

/// Runs all fusions, as the target can take them. The nodes of the result are in an order that can run,
/// though not yet in the order of the plan.
pub fn fuse<T: Target>(graph: Graph, target: &T) -> Graph {
    let graph = prune(graph);
    verify(&graph, "build");
    let graph = prune(widen(graph, |op| target.takes_bf16(op)));
    verify(&graph, "widening");
    let graph = prune(factors::take_out(graph));
    verify(&graph, "taking factors out of sums");
    let graph = prune(fold::fold(graph, target.keeps()));
    verify(&graph, "folding");
    let graph = prune(epilogue::fuse(graph));
    verify(&graph, "epilogue fusion");
    let graph = prune(groups::fuse(graph, target.most_operands(), target.totals()));
    verify(&graph, "map fusion");
    let finish = |graph, gates| match target.joins_tensors() {
        true => {
            let mapped_elements = target.mapped_elements().unwrap_or(usize::MAX);
            let graph = prune(finish::fuse(graph, &finish::What { gates, mapped_elements }));
            verify(&graph, "finishing products");
            graph
        }
        false => graph,
    };
    let graph = finish(graph, false);
    let graph = prune(rematerialise::rematerialise(graph, target.most_operands()));
    verify(&graph, "rematerialisation");
    let graph = prune(rematerialise::hand_over_less(graph, target.most_operands()));
    verify(&graph, "handing over less");
    let graph = match target.mapped_elements() {
        Some(least) => join(graph, least),
        None => graph,
    };
    let graph = prune(pooled::fuse(finish(graph, true), target));
    verify(&graph, "taking gradients from winners alone");
    let graph = prune(moments::fuse(graph, target));
    verify(&graph, "finding moments");
    graph
}

/// Lets products of at least so many elements join the maps after them.
pub(crate) fn join(graph: Graph, least_elements: usize) -> Graph {
    let graph = prune(mapped::fuse(graph, least_elements));
    verify(&graph, "joining products and maps");
    graph
}

/// Drops nodes that no result needs.
pub fn prune(graph: Graph) -> Graph {
    let mut live = vec![false; graph.nodes.len()];
    for v in graph.results() {
        live[v.node as usize] = true;
    }
    for (i, node) in graph.nodes.iter().enumerate().rev() {
        if live[i] {
            node.inputs.iter().for_each(|v| live[v.node as usize] = true);
        }
    }
    let order: Vec<usize> = (0..live.len()).filter(|&i| live[i]).collect();
    reorder(graph, &order)
}

/// The graph with these of its nodes in this order.
pub fn reorder(mut graph: Graph, order: &[usize]) -> Graph {
    let mut moved = vec![u32::MAX; graph.nodes.len()];
    for (new, &old) in order.iter().enumerate() {
        moved[old] = new as u32;
    }
    let to = |v: Value| Value { node: moved[v.node as usize], out: v.out };
    let mut nodes: Vec<Option<Node>> = std::mem::take(&mut graph.nodes).into_iter().map(Some).collect();
    let taken = order.iter().filter_map(|&old| nodes[old].take());
    graph.nodes = taken.map(|n| Node { inputs: n.inputs.iter().map(|&v| to(v)).collect(), ..n }).collect();
    graph.map_results(to);
    graph
}
