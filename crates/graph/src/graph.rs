use crate::ops::Op;
use fovea_core::TensorType;

/// One output of one node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Value {
    pub node: u32,
    pub out: u32,
}

/// An operation applied to values that stand before it.
#[derive(Clone, Debug)]
pub struct Node {
    pub op: Op,
    pub inputs: Vec<Value>,
    pub types: Vec<TensorType>,
    /// The node of the caller's graph that this one was made for, to say where a run failed.
    pub origin: u32,
}

/// A variable's new value: when a run ends, the variable behind `leaf` holds `value`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Assign {
    pub leaf: u32,
    pub value: Value,
}

/// What is behind a leaf of the graph.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LeafKind {
    /// A buffer that a run is given and does not change: data, a constant, a number.
    Input,
    /// A variable: read at the version of the run's beginning, written by an [`Assign`].
    Variable,
}

/// A leaf: what a run is given.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Leaf {
    pub kind: LeafKind,
    pub ty: TensorType,
}

/// A whole computation in topological order: every node's inputs stand before it.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub leaves: Vec<Leaf>,
    pub nodes: Vec<Node>,
    pub outputs: Vec<Value>,
    pub assigns: Vec<Assign>,
    /// A scalar that must be finite before any variable is written: the loss of a training step.
    pub guard: Option<Value>,
}

impl Graph {
    pub fn ty(&self, v: Value) -> &TensorType {
        &self.nodes[v.node as usize].types[v.out as usize]
    }

    /// The leaf that a node is.
    pub fn leaf_of(&self, node: usize) -> Option<u32> {
        match self.nodes[node].op {
            Op::Leaf(leaf) => Some(leaf),
            _ => None,
        }
    }

    /// The value that reads a leaf, if anything does.
    pub fn leaf_value(&self, leaf: u32) -> Option<Value> {
        let node = (0..self.nodes.len()).find(|&i| self.leaf_of(i) == Some(leaf))?;
        Some(Value { node: node as u32, out: 0 })
    }

    /// Every value that must be there when a run ends.
    pub fn results(&self) -> impl Iterator<Item = Value> + '_ {
        self.guard.into_iter().chain(self.assigns.iter().map(|a| a.value)).chain(self.outputs.iter().copied())
    }

    /// Calls `f` on every result, to point it somewhere else.
    pub fn map_results(&mut self, f: impl Fn(Value) -> Value) {
        let assigned = self.assigns.iter_mut().map(|a| &mut a.value);
        for v in self.guard.iter_mut().chain(assigned).chain(&mut self.outputs) {
            *v = f(*v);
        }
    }

    /// Calls `f` on every value that a node reads and on every result, to point it somewhere else.
    pub fn map_values(&mut self, f: impl Fn(Value) -> Value) {
        self.nodes.iter_mut().flat_map(|node| &mut node.inputs).for_each(|v| *v = f(*v));
        self.map_results(f);
    }

    /// For each node, whether `of` is computed from it; `of`'s own node counts.
    pub fn ancestors(&self, of: Option<Value>) -> Vec<bool> {
        let mut is = vec![false; self.nodes.len()];
        if let Some(v) = of {
            is[v.node as usize] = true;
        }
        for (i, node) in self.nodes.iter().enumerate().rev() {
            if is[i] {
                node.inputs.iter().for_each(|v| is[v.node as usize] = true);
            }
        }
        is
    }

    /// For each node, whether a variable is assigned its value. Such a node stays elementwise: it may
    /// write where the variable lies that it reads.
    pub fn assigned(&self) -> Vec<bool> {
        let mut is = vec![false; self.nodes.len()];
        self.assigns.iter().for_each(|a| is[a.value.node as usize] = true);
        is
    }

    /// For each node, how many times its values are read by nodes and results.
    pub fn uses(&self) -> Vec<u32> {
        let mut uses = vec![0; self.nodes.len()];
        let reads = self.nodes.iter().flat_map(|n| n.inputs.iter().copied());
        for v in reads.chain(self.results()) {
            uses[v.node as usize] += 1;
        }
        uses
    }
}
