//! Which nodes run together, and an order in which they can run.

use crate::graph::Graph;
use crate::ops::Op;
use std::collections::BTreeSet;

/// Nodes at their places, several at the place where they run together. Each stands behind what it reads,
/// and behind the guard if it is assigned to a variable.
pub(super) struct Order {
    /// By node.
    place: Vec<usize>,
    /// By place: nodes in ascending order; none where others left.
    nodes: Vec<Vec<usize>>,
    /// Nodes that wait for the guard, if there is one.
    waits: Vec<bool>,
    guard: Option<usize>,
}

impl Order {
    /// Each node at a place of its own.
    pub fn of(graph: &Graph) -> Order {
        // What the guard needs stands before everything that waits for it.
        let early = graph.ancestors(graph.guard);
        let mut nodes: Vec<Vec<usize>> = (0..early.len()).map(|i| vec![i]).collect();
        nodes.sort_by_key(|n| !early[n[0]]);
        let mut place = vec![0; nodes.len()];
        nodes.iter().enumerate().for_each(|(p, n)| place[n[0]] = p);
        Order { place, nodes, waits: graph.assigned(), guard: graph.guard.map(|v| v.node as usize) }
    }

    /// All sets of nodes that run together.
    pub fn sets(&self) -> impl Iterator<Item = &[usize]> {
        self.nodes.iter().filter(|n| !n.is_empty()).map(Vec::as_slice)
    }

    /// The nodes that run together with this one, and itself.
    pub fn with(&self, node: usize) -> &[usize] {
        &self.nodes[self.place[node]]
    }

    pub fn together(&self, a: usize, b: usize) -> bool {
        self.place[a] == self.place[b]
    }

    /// Lets two nodes run together, with all that run with either, unless a path leads from one to the
    /// other through something else. Says whether they do.
    pub fn join(&mut self, graph: &Graph, a: usize, b: usize) -> bool {
        let (pa, pb) = (self.place[a], self.place[b]);
        let (low, high) = (pa.min(pb), pa.max(pb));
        if low == high {
            return true;
        }
        let Some(needed) = self.between(graph, low, high) else { return false };
        let mut moved: Vec<Vec<usize>> = self.nodes[low..=high].iter_mut().map(std::mem::take).collect();
        let mut joined = [std::mem::take(&mut moved[0]), std::mem::take(&mut moved[high - low])].concat();
        joined.sort_unstable();
        // What the later of the two needs, then both, then what may need the earlier.
        let mut order: Vec<Vec<usize>> =
            needed.iter().map(|&p| std::mem::take(&mut moved[p - low])).collect();
        order.push(joined);
        order.extend(moved.into_iter().filter(|n| !n.is_empty()));
        for (p, nodes) in (low..).zip(order) {
            nodes.iter().for_each(|&node| self.place[node] = p);
            self.nodes[p] = nodes;
        }
        true
    }

    /// The places between two that the later one needs; `None` if one of those needs the earlier one.
    fn between(&self, graph: &Graph, low: usize, high: usize) -> Option<BTreeSet<usize>> {
        let mut needed = BTreeSet::new();
        let mut stack = vec![high];
        while let Some(from) = stack.pop() {
            for &node in &self.nodes[from] {
                let guard = self.guard.filter(|_| self.waits[node]).map(|g| self.place[g]);
                let read = graph.nodes[node].inputs.iter().map(|v| v.node as usize);
                // What runs together reads element by element: a total is there when all of them are.
                let apart = |p: usize| from != high || !matches!(graph.nodes[p].op, Op::Elementwise(_));
                // Waiting is no reading: it does not get along with running together.
                if guard == Some(low) || read.clone().any(|p| self.place[p] == low && apart(p)) {
                    return None;
                }
                let inside = read.map(|p| self.place[p]).chain(guard).filter(|&p| p > low && p < high);
                stack.extend(inside.filter(|&p| needed.insert(p)));
            }
        }
        Some(needed)
    }
}
