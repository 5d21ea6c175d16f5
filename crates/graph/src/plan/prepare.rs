//! What a plan computes of variables alone, for something that is fed to read: scaled weights of a
//! prediction, say, and their panels. It stays right until one of the variables is written, so its phases
//! come first, what the others read of them lies in memory of its own, and runs may keep it.

use super::root;
use crate::dependence::Dependence;
use crate::graph::{Graph, Node, Value};
use crate::lower::Lowered;
use std::collections::{BTreeSet, HashMap, HashSet};

/// The part of a plan that need not run again while its variables stay as they are.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Prepared {
    /// How many of the first phases it is.
    pub phases: usize,
    /// What it leaves to the others.
    pub bytes: usize,
    /// The variables that it reads.
    pub leaves: Vec<u32>,
}

/// Which nodes run before the rest, and what the rest reads of them.
pub(super) struct Preparation {
    /// By node.
    pub nodes: Vec<bool>,
    /// The values that others read, in order.
    pub kept: Vec<Value>,
    /// By node that is not prepared: the input that its own first phases alone read, if those are.
    pub preludes: Vec<Option<usize>>,
    pub leaves: Vec<u32>,
}

/// What a plan does, one after the other.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// All of a node, or what its prelude has left.
    Node(usize),
    /// Those first phases of a node that read this input alone.
    Prelude(usize, usize),
}

impl Preparation {
    /// Nothing is prepared.
    pub fn none(graph: &Graph) -> Preparation {
        let count = graph.nodes.len();
        Preparation { nodes: vec![false; count], kept: vec![], preludes: vec![None; count], leaves: vec![] }
    }

    pub fn of<W>(graph: &Graph, roots: &[Value], on: &Dependence, lowered: &[Lowered<W>]) -> Preparation {
        let mut of = Preparation::none(graph);
        for (i, node) in graph.nodes.iter().enumerate().rev() {
            let wanted = |v: &Value| on.lasting[v.node as usize] && on.fed[i] || of.nodes[i];
            let wanted: Vec<usize> =
                node.inputs.iter().filter(|v| wanted(v)).map(|v| v.node as usize).collect();
            for k in wanted {
                of.nodes[k] = graph.leaf_of(k).is_none();
            }
        }
        let mut kept = HashSet::new();
        for (i, node) in graph.nodes.iter().enumerate().filter(|&(i, _)| !of.nodes[i]) {
            let prelude = lowered[i].prelude.map(|prelude| prelude.input);
            of.preludes[i] = prelude.filter(|&k| on.fed[i] && on.lasting[node.inputs[k].node as usize]);
            for (k, &v) in node.inputs.iter().enumerate() {
                let v = root(roots, v);
                if of.preludes[i] != Some(k) && of.nodes[v.node as usize] && kept.insert(v) {
                    of.kept.push(v);
                }
            }
        }
        let read = |(i, node): (usize, &Node)| -> Vec<Value> {
            let by = |k: usize| of.nodes[i] || of.preludes[i] == Some(k);
            node.inputs.iter().enumerate().filter(|&(k, _)| by(k)).map(|(_, &v)| root(roots, v)).collect()
        };
        let values = graph.nodes.iter().enumerate().flat_map(read);
        let leaves: BTreeSet<u32> = values.filter_map(|v| graph.leaf_of(v.node as usize)).collect();
        of.leaves = leaves.into_iter().collect();
        of
    }

    /// These nodes, in their order, each followed by the preludes that read it: so what one of them makes of
    /// some weights may lie where another had its own.
    pub fn steps(&self, graph: &Graph, roots: &[Value], nodes: &[usize]) -> Vec<Step> {
        let mut readers: HashMap<u32, Vec<Step>> = HashMap::new();
        for (i, prelude) in self.preludes.iter().enumerate() {
            if let &Some(k) = prelude {
                let read = root(roots, graph.nodes[i].inputs[k]).node;
                readers.entry(read).or_default().push(Step::Prelude(i, k));
            }
        }
        let mut steps = Vec::new();
        for &i in nodes {
            steps.push(Step::Node(i));
            steps.extend(readers.remove(&(i as u32)).unwrap_or_default());
        }
        steps
    }
}
