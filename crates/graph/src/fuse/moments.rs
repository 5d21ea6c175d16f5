//! Mean and variance of a convolution's result, which a normalisation begins with, are found on the result's way to
//! memory instead of reading it again.

use super::{Fused, FusedProduct};
use crate::graph::{Graph, Node, Value};
use crate::ops::{Kernel, Op};
use crate::target::Target;
use fovea_core::TensorType;

/// Lets convolutions find the moments of their channels where the target has a kernel for it.
pub(super) fn fuse<T: Target>(mut graph: Graph, target: &T) -> Graph {
    for i in 0..graph.nodes.len() {
        let Some(convolution) = convolution(&graph, &graph.nodes[i], target) else { continue };
        let (of, found) = (graph.nodes[i].inputs[0].node, graph.nodes[i].types.clone());
        let node = &mut graph.nodes[of as usize];
        node.op = Op::Fused(Fused::Product(convolution));
        node.types.extend(found);
        // The convolution's own result stays its first.
        graph.map_values(|v| if v.node as usize == i { Value { node: of, out: v.out + 1 } } else { v });
    }
    graph
}

/// The convolution that finds the moments that a node finds, if one can.
fn convolution<T: Target>(graph: &Graph, node: &Node, target: &T) -> Option<FusedProduct> {
    let Op::Kernel(Kernel::LeadingMoments(moments)) = &node.op else { return None };
    let (before, y) = (&graph.nodes[node.inputs[0].node as usize], graph.ty(node.inputs[0]));
    let x: Vec<TensorType> = before.inputs.iter().map(|&v| graph.ty(v).clone()).collect();
    let fused = FusedProduct::of(&before.op)?.with_moments(&x)?;
    (moments.axes + 1 == y.rank() && target.finds_moments(&fused, &x, y)).then_some(fused)
}
