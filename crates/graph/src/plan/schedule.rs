//! In which order nodes run: what the guard needs first, then updates of variables (and what takes next to no
//! memory) as early as they can, so that gradients do not pile up, then the rest as it was written.

use super::root;
use crate::graph::{Graph, Value};
use fovea_core::{Error, Result, TensorType};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

/// Results of so many elements may lie around.
const SLIGHT: usize = 64;

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

    // An update may wait for a few numbers that nothing else needs: an optimizer's step size.
    let slight = |i: usize| graph.nodes[i].types.iter().map(TensorType::elements).sum::<usize>() <= SLIGHT;
    let rank = |i: usize| match () {
        () if before_guard[i] => (0, i),
        () if !writes[i].is_empty() || slight(i) => (1, i),
        () => (2, i),
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

#[cfg(test)]
mod tests {
    use super::schedule;
    use crate::builder::Builder;
    use crate::elementwise::Ew;
    use crate::graph::{Assign, Leaf, LeafKind, Value};
    use crate::ops::MatMul;
    use crate::plan::roots;
    use fovea_core::{DType, Shape, TensorType};

    #[test]
    fn an_update_does_not_wait_for_gradients_that_it_does_not_read() {
        let b = Builder::new();
        let leaf =
            |kind, shape: &[usize]| b.leaf(Leaf { kind, ty: TensorType::new(DType::F32, Shape::of(shape)) });
        let (x, _weights) = (leaf(LeafKind::Input, &[32, 32]), leaf(LeafKind::Variable, &[32, 32]));
        let time = leaf(LeafKind::Variable, &[]);
        let product = |x| b.one(MatMul { transpose_a: false, transpose_b: false }, &[x, x]);
        let gradient = product(x);
        let later = product(gradient);
        // As an optimizer's, the size of the step stands behind all gradients.
        let update = gradient * time.map(Ew::Exp);
        let [gradient, update, later] = [gradient.value, update.value, later.value];
        let graph = b.finish(vec![later], vec![Assign { leaf: 1, value: update }], None).unwrap();
        let order = schedule(&graph, &roots(&graph)).unwrap().order;
        let at = |value: Value| order.iter().position(|&i| i == value.node as usize);
        assert!(at(gradient) < at(update) && at(update) < at(later));
    }
}
