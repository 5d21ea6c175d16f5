//! Which elementwise nodes run together. Nodes of one shape that feed each other join a group, as
//! long as no path leaves the group and comes back: such a group could not run in one go.

use super::map::{Arg, Map, Output, Step};
use super::order::Order;
use super::{Fused, reorder, totals};
use crate::graph::{Graph, Node, Value};
use crate::ops::{Kernel, Op};
use fovea_core::{DType, Shape};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// More steps in one group would crowd each other out of L1.
const MOST_STEPS: usize = 64;

/// Replaces elementwise nodes by one [`Map`] for each group, which has at most so many operands, and may
/// have totals.
pub(super) fn fuse(mut graph: Graph, most_operands: usize, totals: bool) -> Graph {
    let groups = Groups::of(&graph, most_operands, totals);
    let used = outside_uses(&graph, &groups);
    let maps: Vec<Built> =
        groups.order.sets().filter(|m| groups.grouped[m[0]]).map(|m| build(&graph, m, &used)).collect();
    let mut moved: HashMap<Value, Value> = HashMap::new();
    for built in maps {
        // The last member stands for the group.
        let stand = *built.members.last().unwrap_or(&0);
        for (out, &node) in built.results.iter().enumerate() {
            moved.insert(Value { node: node as u32, out: 0 }, Value { node: stand as u32, out: out as u32 });
        }
        let (types, origin) = (built.map.types(), graph.nodes[built.members[0]].origin);
        let op = Op::Fused(Fused::Map(Arc::new(built.map)));
        graph.nodes[stand] = Node { op, inputs: built.inputs, types, origin };
    }
    let to = |v: Value| moved.get(&v).copied().unwrap_or(v);
    for (i, node) in graph.nodes.iter_mut().enumerate() {
        if groups.stands(i) {
            node.inputs.iter_mut().for_each(|v| *v = to(*v));
        }
    }
    graph.map_results(to);
    let order = contracted_order(&graph, &groups);
    reorder(graph, &order)
}

/// A group's map, what it reads, and which nodes its outputs are.
struct Built<'g> {
    members: &'g [usize],
    map: Map,
    inputs: Vec<Value>,
    results: Vec<usize>,
}

/// Elementwise nodes and totals, and which of them run together.
pub(super) struct Groups {
    pub(super) order: Order,
    /// By node: whether it is in a group.
    pub(super) grouped: Vec<bool>,
    /// How many inputs and outputs a group may have together.
    most_operands: usize,
    /// Who reads each node, results once more.
    readers: Vec<Vec<usize>>,
}

impl Groups {
    fn of(graph: &Graph, most_operands: usize, totals: bool) -> Groups {
        let readers = if most_operands == usize::MAX { vec![] } else { readers(graph) };
        let grouped = vec![false; graph.nodes.len()];
        let mut groups = Groups { order: Order::of(graph), grouped, most_operands, readers };
        for (i, node) in graph.nodes.iter().enumerate() {
            // A constant that something other than a map reads is a map of its own.
            let elementwise = matches!(node.op, Op::Elementwise(_));
            let joins = elementwise || totals && totals::of(graph, i).is_some();
            groups.grouped[i] = joins || matches!(node.op, Op::Constant(_));
            if !joins {
                continue;
            }
            let shape = iterated(graph, i);
            let producers: Vec<usize> = node.inputs.iter().map(|&v| peel(graph, v).node as usize).collect();
            for p in producers {
                let same = graph.nodes[p].types[0].shape == *shape
                    && matches!(graph.nodes[p].op, Op::Elementwise(_));
                if same {
                    groups.join(graph, i, p);
                }
            }
        }
        if totals {
            groups.join_readers(graph);
        }
        groups
    }

    fn stands(&self, node: usize) -> bool {
        self.order.with(node).last() == Some(&node)
    }

    /// Joins the groups of two nodes that run over the same shape, if they may: no path may leave the
    /// group and come back.
    pub(super) fn join(&mut self, graph: &Graph, a: usize, b: usize) {
        let too_many = self.order.with(a).len() + self.order.with(b).len() > MOST_STEPS;
        if !self.order.together(a, b) && !too_many && self.operands(graph, a, b) <= self.most_operands {
            self.order.join(graph, a, b);
        }
    }

    /// How many inputs and outputs the groups of two nodes would have as one; those that later groups
    /// take in count.
    fn operands(&self, graph: &Graph, a: usize, b: usize) -> usize {
        if self.readers.is_empty() {
            return 0;
        }
        let inside = |node: usize| {
            node < self.grouped.len() && (self.order.together(node, a) || self.order.together(node, b))
        };
        let members = || self.order.with(a).iter().chain(self.order.with(b));
        let read: HashSet<Value> = members()
            .flat_map(|&m| graph.nodes[m].inputs.iter().map(|&v| peel(graph, v)))
            .filter(|v| {
                !inside(v.node as usize) && !matches!(graph.nodes[v.node as usize].op, Op::Constant(_))
            })
            .collect();
        let written = members().filter(|&&m| self.readers[m].iter().any(|&reader| !inside(reader))).count();
        read.len() + written
    }
}

/// For each node, the nodes that read it; a result is read by one that there is not.
fn readers(graph: &Graph) -> Vec<Vec<usize>> {
    let mut readers = vec![vec![]; graph.nodes.len() + 1];
    for (i, node) in graph.nodes.iter().enumerate() {
        for &v in &node.inputs {
            readers[v.node as usize].push(i);
            // A map reads what is behind a broadcast.
            readers[peel(graph, v).node as usize].push(i);
        }
    }
    graph.results().for_each(|v| readers[v.node as usize].push(graph.nodes.len()));
    readers
}

/// The shape that a map with this member runs over.
pub(super) fn iterated(graph: &Graph, node: usize) -> &Shape {
    match graph.nodes[node].op {
        Op::Elementwise(_) | Op::Constant(_) => &graph.nodes[node].types[0].shape,
        _ => &graph.ty(graph.nodes[node].inputs[0]).shape,
    }
}

/// The value behind broadcasts: a map repeats its operands by itself.
pub(super) fn peel(graph: &Graph, mut v: Value) -> Value {
    while let Op::Kernel(Kernel::BroadcastTo(_)) = graph.nodes[v.node as usize].op {
        v = graph.nodes[v.node as usize].inputs[0];
    }
    v
}

/// For each node, whether something outside its group reads it.
fn outside_uses(graph: &Graph, groups: &Groups) -> Vec<bool> {
    let mut used = vec![false; graph.nodes.len()];
    for (i, node) in graph.nodes.iter().enumerate() {
        let mapped = groups.grouped[i];
        for &v in &node.inputs {
            let v = if mapped { peel(graph, v) } else { v };
            let p = v.node as usize;
            let constant = mapped && matches!(graph.nodes[p].op, Op::Constant(_));
            used[p] |= !constant && !groups.order.together(i, p);
        }
    }
    graph.results().for_each(|v| used[v.node as usize] = true);
    used
}

fn build<'g>(graph: &Graph, members: &'g [usize], used: &[bool]) -> Built<'g> {
    let mut operands = Operands { graph, inputs: vec![], step_of: HashMap::new() };
    let mut steps: Vec<Step> = Vec::new();
    for &m in members {
        let node = &graph.nodes[m];
        let Op::Elementwise(op) = node.op else { continue };
        let args: Vec<Arg> = node.inputs.iter().map(|&v| operands.arg(v)).collect();
        let operand = node.inputs.last().map_or(DType::F32, |&v| graph.ty(v).dtype);
        operands.step_of.insert(m, steps.len() as u32);
        steps.push(Step { op, args, operand, result: node.types[0].dtype });
    }
    let mut results: Vec<usize> = members.iter().copied().filter(|&m| used[m]).collect();
    let is_total = |m: usize| matches!(graph.nodes[m].op, Op::Kernel(_));
    results.sort_by_key(|&m| is_total(m));
    let output = |&m: &usize| {
        let total = if is_total(m) { totals::of(graph, m) } else { None };
        let of = match total {
            Some(_) => graph.nodes[m].inputs[0],
            None => Value { node: m as u32, out: 0 },
        };
        Output { arg: operands.arg(of), ty: graph.nodes[m].types[0].clone(), total }
    };
    let outputs = results.iter().map(output).collect();
    let inputs = operands.inputs;
    let types = inputs.iter().map(|&v| graph.ty(v).clone()).collect();
    let shape = iterated(graph, members[0]).sizes();
    Built { members, map: Map { shape, inputs: types, steps, results: outputs }, inputs, results }
}

/// Where the steps of a map find what they read.
struct Operands<'g> {
    graph: &'g Graph,
    inputs: Vec<Value>,
    /// The steps of the nodes so far.
    step_of: HashMap<usize, u32>,
}

impl Operands<'_> {
    fn arg(&mut self, v: Value) -> Arg {
        let v = peel(self.graph, v);
        if let Op::Constant(c) = self.graph.nodes[v.node as usize].op {
            return Arg::Constant(c);
        }
        if let Some(&s) = self.step_of.get(&(v.node as usize)) {
            return Arg::Step(s);
        }
        let at = self.inputs.iter().position(|&i| i == v).unwrap_or_else(|| {
            self.inputs.push(v);
            self.inputs.len() - 1
        });
        Arg::Input(at as u32)
    }
}

/// An order of the nodes that stand, each behind what it reads.
fn contracted_order(graph: &Graph, groups: &Groups) -> Vec<usize> {
    let mut order = Vec::new();
    let mut done = vec![false; graph.nodes.len()];
    for root in (0..graph.nodes.len()).filter(|&i| groups.stands(i)) {
        let mut stack = vec![(root, 0)];
        while let Some((node, next)) = stack.pop() {
            if done[node] {
                continue;
            }
            match graph.nodes[node].inputs.get(next) {
                Some(v) => {
                    stack.push((node, next + 1));
                    stack.push((v.node as usize, 0));
                }
                None => {
                    done[node] = true;
                    order.push(node);
                }
            }
        }
    }
    order
}
