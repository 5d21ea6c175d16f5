//! In which order nodes run: what the guard needs first, then updates of variables as early as
//! they can, so that gradients do not pile up, then the rest as it was written.

use super::root;
use crate::graph::{Graph, Value};
use fovea_core::{Error, Result};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

pub(super) struct Schedule {
    pub order: Vec<usize>,
    /// Assignments (by number) whose old contents are still read after the new ones are written.
    pub fresh: HashSet<usize>,
}

/// A writer waits for everything that reads what it overwrites. Where that is impossible (two
/// variables that swap), the write goes to fresh memory instead.
pub(super) fn schedule(graph: &Graph, roots: &[Value]) -> Result<Schedule> {
    let n = graph.nodes.len();
    let before_guard = graph.ancestors(graph.guard);
    let mut writes: Vec<Vec<usize>> = vec![vec![]; n];
    for (k, a) in graph.assigns.iter().enumerate() {
        writes[a.value.node as usize].push(k);
    }
    // What each node waits for; `soft` are the readers of what it overwrites.
    let mut followers: Vec<Vec<(usize, bool)>> = vec![vec![]; n];
    let (mut hard, mut soft) = (vec![0u32; n], vec![0u32; n]);
    let mut edge = |from: usize, to: usize, is_soft: bool| {
        followers[from].push((to, is_soft));
        *(if is_soft { &mut soft[to] } else { &mut hard[to] }) += 1;
    };
    for (i, node) in graph.nodes.iter().enumerate() {
        node.inputs.iter().for_each(|v| edge(v.node as usize, i, false));
    }
    for writer in (0..n).filter(|&i| !writes[i].is_empty()) {
        if let Some(guard) = graph.guard.filter(|g| g.node as usize != writer) {
            edge(guard.node as usize, writer, false);
        }
        let overwritten: HashSet<Value> =
            writes[writer].iter().filter_map(|&k| graph.leaf_value(graph.assigns[k].leaf)).collect();
        for (reader, node) in graph.nodes.iter().enumerate().filter(|&(i, _)| i != writer) {
            if node.inputs.iter().any(|&v| overwritten.contains(&root(roots, v))) {
                edge(reader, writer, true);
            }
        }
    }

    let rank = |i: usize| {
        (
            if before_guard[i] {
                0
            } else if writes[i].is_empty() {
                2
            } else {
                1
            },
            i,
        )
    };
    let mut ready: BinaryHeap<Reverse<((u8, usize), usize)>> = BinaryHeap::new();
    for i in (0..n).filter(|&i| hard[i] + soft[i] == 0) {
        ready.push(Reverse((rank(i), i)));
    }
    let mut schedule = Schedule { order: Vec::with_capacity(n), fresh: HashSet::new() };
    let mut done = vec![false; n];
    while schedule.order.len() < n {
        let next = ready.pop().map(|Reverse((_, i))| i).filter(|&i| !done[i]).or_else(|| {
            let stuck = (0..n).find(|&i| !done[i] && hard[i] == 0 && soft[i] > 0)?;
            schedule.fresh.extend(&writes[stuck]);
            Some(stuck)
        });
        let i = next.ok_or_else(|| Error::internal("the nodes of a plan wait for each other"))?;
        done[i] = true;
        schedule.order.push(i);
        for &(to, is_soft) in &followers[i] {
            *(if is_soft { &mut soft[to] } else { &mut hard[to] }) -= 1;
            if hard[to] + soft[to] == 0 && !done[to] {
                ready.push(Reverse((rank(to), to)));
            }
        }
    }
    Ok(schedule)
}
