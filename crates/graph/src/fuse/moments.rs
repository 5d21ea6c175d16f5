//! Mean and variance of a convolution's result, which a normalisation begins with, are found on the result's way to
//! memory instead of reading it again.

use super::{Fused, FusedProduct};
use crate::graph::{Graph, Value};
use crate::ops::{Kernel, Op};
use crate::target::Target;
use fovea_core::TensorType;

/// Lets convolutions find the moments of their channels where the target has a kernel for it.
pub(super) fn fuse<T: Target>(mut graph: Graph, target: &T) -> Graph {
    for i in 0..graph.nodes.len() {
        let Op::Kernel(Kernel::LeadingMoments(moments)) = &graph.nodes[i].op else { continue };
        let of = graph.nodes[i].inputs[0];
        let product = &graph.nodes[of.node as usize];
        let x: Vec<TensorType> = product.inputs.iter().map(|&v| graph.ty(v).clone()).collect();
        let of_channels = moments.axes + 1 == graph.ty(of).rank();
        let fused = FusedProduct::of(&product.op).filter(|_| of_channels);
        let fused = fused.and_then(|product| product.with_moments(&x));
        let Some(fused) = fused.filter(|fused| target.finds_moments(fused, &x, graph.ty(of))) else {
            continue;
        };
        let found = graph.nodes[i].types.clone();
        let product = &mut graph.nodes[of.node as usize];
        product.op = Op::Fused(Fused::Product(fused));
        product.types.extend(found);
        // The product's own result stays its first.
        let to = |v: Value| if v.node as usize == i { Value { node: of.node, out: v.out + 1 } } else { v };
        graph.nodes.iter_mut().for_each(|n| n.inputs.iter_mut().for_each(|v| *v = to(*v)));
        graph.map_results(to);
    }
    graph
}
