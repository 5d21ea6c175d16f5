//! Which elementwise nodes run together. Nodes of one shape that feed each other join a group, as
//! long as no path leaves the group and comes back: such a group could not run in one go.

use super::map::{Arg, Map, Step};
use super::{Fused, reorder};
use crate::graph::{Graph, Node, Value};
use crate::ops::{Kernel, Op};
use fovea_core::{DType, Shape};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// More steps in one group would crowd each other out of L1.
const MOST_STEPS: usize = 64;

/// Replaces elementwise nodes by one [`Map`] for each group, which has at most so many operands.
pub(super) fn fuse(mut graph: Graph, most_operands: usize) -> Graph {
    let groups = Groups::of(&graph, most_operands);
    let used = outside_uses(&graph, &groups);
    let maps: Vec<Built> =
        groups.members.iter().filter(|m| !m.is_empty()).map(|m| build(&graph, m, &used)).collect();
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

/// An elementwise node's group; other nodes have none.
struct Groups {
    of: Vec<Option<usize>>,
    /// Ascending node numbers of each group; empty where a group joined another.
    members: Vec<Vec<usize>>,
    /// Nodes whose values variables are assigned: they wait for the guard, if there is one.
    writers: HashSet<usize>,
    /// The first node that waits for the guard.
    first_writer: usize,
    guard: Option<usize>,
    /// How many inputs and outputs a group may have together.
    most_operands: usize,
    /// Who reads each node, results once more.
    readers: Vec<Vec<usize>>,
}

impl Groups {
    fn of(graph: &Graph, most_operands: usize) -> Groups {
        let n = graph.nodes.len();
        let guard = graph.guard.map(|v| v.node as usize);
        let writers: HashSet<usize> = graph.assigns.iter().map(|a| a.value.node as usize).collect();
        let first_writer = writers.iter().copied().filter(|_| guard.is_some()).min().unwrap_or(usize::MAX);
        let readers = if most_operands == usize::MAX { vec![] } else { readers(graph) };
        let (of, members) = (vec![None; n], Vec::new());
        let mut groups = Groups { of, members, writers, first_writer, guard, most_operands, readers };
        for (i, node) in graph.nodes.iter().enumerate() {
            // A constant that something other than a map reads is a map of its own.
            if !matches!(node.op, Op::Elementwise(_) | Op::Constant(_)) {
                continue;
            }
            groups.of[i] = Some(groups.members.len());
            groups.members.push(vec![i]);
            if matches!(node.op, Op::Constant(_)) {
                continue;
            }
            let shape = &node.types[0].shape;
            let producers: Vec<usize> = node.inputs.iter().map(|&v| peel(graph, v).node as usize).collect();
            for p in producers {
                let same = graph.nodes[p].types[0].shape == *shape
                    && matches!(graph.nodes[p].op, Op::Elementwise(_));
                if same {
                    groups.join(graph, i, p);
                }
            }
        }
        groups
    }

    fn stands(&self, node: usize) -> bool {
        self.of[node].is_none_or(|g| self.members[g].last() == Some(&node))
    }

    /// Joins the group of node `i`, the newest, with that of its producer `p`, if it may.
    fn join(&mut self, graph: &Graph, i: usize, p: usize) {
        let (Some(a), Some(b)) = (self.of[i], self.of[p]) else { return };
        let too_many = self.members[a].len() + self.members[b].len() > MOST_STEPS;
        if a == b || too_many || self.operands(graph, a, b) > self.most_operands {
            return;
        }
        if self.depends_outside(graph, a, b) {
            return;
        }
        let moved = std::mem::take(&mut self.members[a]);
        moved.iter().for_each(|&m| self.of[m] = Some(b));
        self.members[b].extend(moved);
        self.members[b].sort_unstable();
    }

    /// How many inputs and outputs two groups would have as one; those that later groups take in count.
    fn operands(&self, graph: &Graph, a: usize, b: usize) -> usize {
        if self.readers.is_empty() {
            return 0;
        }
        let inside = |node: usize| self.of.get(node).is_some_and(|g| *g == Some(a) || *g == Some(b));
        let members = || self.members[a].iter().chain(&self.members[b]);
        let read: HashSet<Value> = members()
            .flat_map(|&m| graph.nodes[m].inputs.iter().map(|&v| peel(graph, v)))
            .filter(|v| {
                !inside(v.node as usize) && !matches!(graph.nodes[v.node as usize].op, Op::Constant(_))
            })
            .collect();
        let written = members().filter(|&&m| self.readers[m].iter().any(|&reader| !inside(reader))).count();
        read.len() + written
    }

    /// Whether group `a` depends on group `b` by a path through a node that is in neither, or the
    /// other way round.
    fn depends_outside(&self, graph: &Graph, a: usize, b: usize) -> bool {
        self.reaches(graph, a, b) || self.reaches(graph, b, a)
    }

    /// Whether a path leads from group `from` backwards to group `target` through something else.
    fn reaches(&self, graph: &Graph, from: usize, target: usize) -> bool {
        let first = self.members[target][0];
        let mut seen = BTreeSet::new();
        let mut stack: Vec<usize> = Vec::new();
        for &m in &self.members[from] {
            let outside = |&p: &usize| self.of[p] != Some(from) && self.of[p] != Some(target);
            stack.extend(graph.nodes[m].inputs.iter().map(|v| v.node as usize).filter(outside));
            // Waiting for the guard is a path even if the guard itself is in the target.
            stack.extend(self.waits_for(m));
        }
        while let Some(node) = stack.pop() {
            if self.of[node] == Some(target) {
                return true;
            }
            let own = [node];
            // A group runs as one: it needs what any member needs.
            let members = self.of[node].map_or(&own[..], |g| &self.members[g]);
            // What stands before the target and before every writer cannot lead to it.
            let may_lead = members.last().is_some_and(|&last| last > first || last >= self.first_writer);
            if may_lead && seen.insert(members[0]) {
                for &m in members {
                    stack.extend(graph.nodes[m].inputs.iter().map(|v| v.node as usize));
                    stack.extend(self.waits_for(m));
                }
            }
        }
        false
    }

    fn waits_for(&self, node: usize) -> Option<usize> {
        self.guard.filter(|_| self.writers.contains(&node))
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

/// The value behind broadcasts: a map repeats its operands by itself.
fn peel(graph: &Graph, mut v: Value) -> Value {
    while let Op::Kernel(Kernel::BroadcastTo(_)) = graph.nodes[v.node as usize].op {
        v = graph.nodes[v.node as usize].inputs[0];
    }
    v
}

/// For each node, whether something outside its group reads it.
fn outside_uses(graph: &Graph, groups: &Groups) -> Vec<bool> {
    let mut used = vec![false; graph.nodes.len()];
    for (i, node) in graph.nodes.iter().enumerate() {
        let mapped = matches!(node.op, Op::Elementwise(_));
        for &v in &node.inputs {
            let v = if mapped { peel(graph, v) } else { v };
            let p = v.node as usize;
            let constant = mapped && matches!(graph.nodes[p].op, Op::Constant(_));
            used[p] |= !constant && (groups.of[i].is_none() || groups.of[i] != groups.of[p]);
        }
    }
    graph.results().for_each(|v| used[v.node as usize] = true);
    used
}

fn build<'g>(graph: &Graph, members: &'g [usize], used: &[bool]) -> Built<'g> {
    let shape: &Shape = &graph.nodes[members[0]].types[0].shape;
    let mut map = Map { shape: shape.sizes(), inputs: vec![], steps: vec![], results: vec![] };
    let mut inputs: Vec<Value> = Vec::new();
    let mut step_of: HashMap<usize, u32> = HashMap::new();
    for &m in members {
        let node = &graph.nodes[m];
        let Op::Elementwise(op) = node.op else { continue };
        let mut arg = |v: Value| {
            let v = peel(graph, v);
            if let Op::Constant(c) = graph.nodes[v.node as usize].op {
                return Arg::Constant(c);
            }
            if let Some(&s) = step_of.get(&(v.node as usize)) {
                return Arg::Step(s);
            }
            let at = inputs.iter().position(|&i| i == v).unwrap_or_else(|| {
                inputs.push(v);
                map.inputs.push(graph.ty(v).clone());
                inputs.len() - 1
            });
            Arg::Input(at as u32)
        };
        let args: Vec<Arg> = node.inputs.iter().map(|&v| arg(v)).collect();
        let operand = node.inputs.last().map_or(DType::F32, |&v| graph.ty(v).dtype);
        step_of.insert(m, map.steps.len() as u32);
        map.steps.push(Step { op, args, operand, result: node.types[0].dtype });
    }
    let results: Vec<usize> = members.iter().copied().filter(|&m| used[m]).collect();
    for &m in &results {
        let arg = match graph.nodes[m].op {
            Op::Constant(c) => Arg::Constant(c),
            _ => Arg::Step(step_of[&m]),
        };
        map.results.push((arg, graph.nodes[m].types[0].dtype));
    }
    Built { members, map, inputs, results }
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
