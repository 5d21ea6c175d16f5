use crate::graph::{Graph, Node, Value};
use crate::ops::{Op, Reshape};
use fovea_core::TensorType;

/// A graph that is written anew, node by node, each behind what it reads.
pub(super) struct Rewrite<'g> {
    pub graph: &'g Graph,
    nodes: Vec<Node>,
    /// Where each node of the old graph is now.
    moved: Vec<u32>,
    /// What new nodes are made for.
    pub origin: u32,
}

impl<'g> Rewrite<'g> {
    /// Nothing yet of `graph`.
    pub fn of(graph: &'g Graph) -> Rewrite<'g> {
        Rewrite { graph, nodes: vec![], moved: vec![], origin: 0 }
    }

    /// Where a value of the old graph is now.
    pub fn to(&self, v: Value) -> Value {
        Value { node: self.moved[v.node as usize], ..v }
    }

    /// Writes a new node.
    pub fn push(&mut self, op: impl Into<Op>, inputs: Vec<Value>, ty: TensorType) -> Value {
        self.nodes.push(Node { op: op.into(), inputs, types: vec![ty], origin: self.origin });
        Value { node: self.nodes.len() as u32 - 1, out: 0 }
    }

    /// Writes the old graph's next node, `i`, as it is.
    pub fn keep(&mut self, i: usize) {
        let node = &self.graph.nodes[i];
        let inputs = node.inputs.iter().map(|&v| self.to(v)).collect();
        self.moved.push(self.nodes.len() as u32);
        self.nodes.push(Node { inputs, ..node.clone() });
    }

    /// Lets `by` stand for the old graph's next node.
    pub fn replace(&mut self, by: Value) {
        self.moved.push(by.node);
    }

    /// `v`, of type `from`, in another shape.
    pub fn shaped(&mut self, v: Value, from: &TensorType, to: &TensorType) -> Value {
        if from == to { v } else { self.push(Reshape::to(&to.shape), vec![v], to.clone()) }
    }

    /// The new graph, once every node of the old one has its place.
    pub fn done(self) -> Graph {
        let mut graph = Graph { nodes: self.nodes, ..self.graph.clone() };
        graph.map_results(|v| Value { node: self.moved[v.node as usize], ..v });
        graph
    }
}
