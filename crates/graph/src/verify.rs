//! Checks a graph after each pass, in debug builds.

use crate::graph::{Graph, LeafKind};
use crate::ops::Op;

/// Panics, with the name of the pass, if the graph is not well-formed.
pub(crate) fn verify(graph: &Graph, pass: &str) {
    if !cfg!(debug_assertions) {
        return;
    }
    for (i, node) in graph.nodes.iter().enumerate() {
        let name = node.op.name();
        for v in &node.inputs {
            assert!((v.node as usize) < i, "{pass}: {name} (node {i}) reads node {} after it", v.node);
            let outputs = graph.nodes[v.node as usize].types.len();
            assert!(
                (v.out as usize) < outputs,
                "{pass}: {name} (node {i}) reads output {} of {outputs}",
                v.out
            );
        }
        if !matches!(node.op, Op::Leaf(_) | Op::Constant(_)) {
            let types: Vec<_> = node.inputs.iter().map(|&v| graph.ty(v).clone()).collect();
            match node.op.infer(&types) {
                Ok(inferred) => {
                    assert_eq!(inferred, node.types, "{pass}: {name} (node {i}) has a wrong type")
                }
                Err(e) => panic!("{pass}: {name} (node {i}): {e}"),
            }
        }
    }
    for v in graph.results() {
        assert!((v.node as usize) < graph.nodes.len(), "{pass}: a result is missing");
    }
    for a in &graph.assigns {
        let leaf = &graph.leaves[a.leaf as usize];
        assert_eq!(leaf.kind, LeafKind::Variable, "{pass}: leaf {} is assigned and no variable", a.leaf);
        assert_eq!(&leaf.ty, graph.ty(a.value), "{pass}: leaf {} is assigned another type", a.leaf);
    }
}
