//! Before fusion: gives every result memory that the plan can put where it belongs.

use super::{COPY, is_leaf, root, roots};
use crate::graph::{Graph, Node, Value};
use crate::ops::Op;
use std::collections::HashSet;

/// Inserts copies so that each assigned value and each output is the only one in its memory, no
/// result is a leaf, and each assigned value comes from an elementwise op, which may run in place.
pub(super) fn settle(graph: Graph) -> Graph {
    let mut graph = without_copies(graph);
    let roots = roots(&graph);
    let mut claimed: HashSet<Value> = HashSet::new();
    let before_guard = graph.ancestors(graph.guard);
    for i in 0..graph.assigns.len() {
        let v = graph.assigns[i].value;
        let elementwise =
            v == root(&roots, v) && matches!(graph.nodes[v.node as usize].op, Op::Elementwise(_));
        // What the guard needs is computed before it; the variable is written after it.
        if !elementwise || before_guard[v.node as usize] || !claimed.insert(v) {
            graph.assigns[i].value = copy(&mut graph, v);
        }
    }
    // The guard is checked right after the phase that makes it.
    if let Some(v) = graph.guard.filter(|&v| is_leaf(&graph, root(&roots, v)) || v != root(&roots, v)) {
        graph.guard = Some(copy(&mut graph, v));
    }
    for i in 0..graph.outputs.len() {
        let v = graph.outputs[i];
        let r = root(&roots, v);
        if is_leaf(&graph, r) || !claimed.insert(r) {
            graph.outputs[i] = copy(&mut graph, v);
        }
    }
    graph
}

/// Reads past each op that gives its operand as it is: gradients, for which it stood there, are taken.
fn without_copies(mut graph: Graph) -> Graph {
    let mut to: Vec<Value> = Vec::with_capacity(graph.nodes.len());
    let past = |to: &[Value], v: Value| if v.out == 0 { to[v.node as usize] } else { v };
    for (i, node) in graph.nodes.iter_mut().enumerate() {
        node.inputs.iter_mut().for_each(|v| *v = past(&to, *v));
        to.push(if node.op == COPY { node.inputs[0] } else { Value { node: i as u32, out: 0 } });
    }
    graph.map_results(|v| past(&to, v));
    graph
}

fn copy(graph: &mut Graph, v: Value) -> Value {
    let (types, origin) = (vec![graph.ty(v).clone()], graph.nodes[v.node as usize].origin);
    graph.nodes.push(Node { op: COPY, inputs: vec![v], types, origin });
    Value { node: graph.nodes.len() as u32 - 1, out: 0 }
}
