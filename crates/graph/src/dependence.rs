//! What stays as it is from run to run, and what changes with what a run is given.

use crate::graph::{Graph, LeafKind, Value};
use crate::ops::Op;
use std::collections::HashSet;

/// What each node's values depend on.
pub(crate) struct Dependence {
    /// On nothing but variables that the plan does not write, and on one at least.
    pub lasting: Vec<bool>,
    /// On a tensor that a run is given.
    pub fed: Vec<bool>,
    /// On nothing.
    constant: Vec<bool>,
}

impl Dependence {
    pub fn of(graph: &Graph) -> Dependence {
        let written: HashSet<u32> = graph.assigns.iter().map(|a| a.leaf).collect();
        let results = results(graph);
        let count = graph.nodes.len();
        let mut of =
            Dependence { lasting: vec![false; count], fed: vec![false; count], constant: vec![false; count] };
        for (i, node) in graph.nodes.iter().enumerate() {
            let inputs = || node.inputs.iter().map(|v| v.node as usize);
            if let Op::Leaf(leaf) = node.op {
                let variable = graph.leaves[leaf as usize].kind == LeafKind::Variable;
                of.lasting[i] = variable && !written.contains(&leaf);
                of.fed[i] = !variable && node.types[0].rank() > 0;
                continue;
            }
            let own = !results.contains(&i);
            of.fed[i] = inputs().any(|k| of.fed[k]);
            of.constant[i] = own && inputs().all(|k| of.constant[k]);
            of.lasting[i] =
                own && inputs().any(|k| of.lasting[k]) && inputs().all(|k| of.lasting[k] || of.constant[k]);
        }
        of
    }

    /// For each input of a node, whether it lasts while what the node is fed changes.
    pub fn lasting_inputs(&self, graph: &Graph, node: usize) -> Vec<bool> {
        let lasts = |v: &Value| self.fed[node] && self.lasting[v.node as usize];
        graph.nodes[node].inputs.iter().map(lasts).collect()
    }
}

/// The nodes whose values are results, or lie in the memory of one: they have places of their own.
fn results(graph: &Graph) -> HashSet<usize> {
    let mut results = HashSet::new();
    for Value { node, .. } in graph.results() {
        let mut node = node as usize;
        results.insert(node);
        while graph.nodes[node].op.is_view() {
            node = graph.nodes[node].inputs[0].node as usize;
            results.insert(node);
        }
    }
    results
}
