//! Where every value lies: leaves, outputs and variables in buffers of their own, everything else
//! in one arena, where values that are not needed at the same time share bytes.

use super::schedule::Schedule;
use super::{Place, Plan, Write, guard_phase, is_leaf, root};
use crate::graph::{Graph, Value};
use crate::lower::{Loc, Lowered, Phase};
use std::collections::HashMap;

/// Cache lines, and the widest vectors.
const ALIGN: usize = 64;

/// Something that needs bytes in the arena while phases `first..=last` run.
struct Block {
    bytes: usize,
    first: usize,
    last: usize,
}

#[derive(Default)]
struct Layout {
    /// By [`Loc`]: where it lies, or the number of a block.
    places: Vec<Result<Place, usize>>,
    blocks: Vec<Block>,
    of: HashMap<Value, Loc>,
}

impl Layout {
    fn fixed(&mut self, place: Place) -> Loc {
        self.places.push(Ok(place));
        Loc(self.places.len() as u32 - 1)
    }

    fn block(&mut self, bytes: usize, phase: usize) -> Loc {
        self.blocks.push(Block { bytes: bytes.next_multiple_of(ALIGN), first: phase, last: phase });
        self.places.push(Err(self.blocks.len() - 1));
        Loc(self.places.len() as u32 - 1)
    }

    fn touch(&mut self, loc: Loc, phase: usize) {
        if let Err(block) = self.places[loc.0 as usize] {
            self.blocks[block].last = self.blocks[block].last.max(phase);
        }
    }
}

pub(super) fn lay_out(graph: Graph, lowered: Vec<Lowered>, roots: &[Value], schedule: Schedule) -> Plan {
    let mut layout = Layout::default();
    for (k, a) in graph.assigns.iter().enumerate() {
        let loc = layout.fixed(Place::Assigned(k as u32));
        layout.of.insert(a.value, loc);
    }
    for (k, &v) in graph.outputs.iter().enumerate() {
        let loc = layout.fixed(Place::Output(k as u32));
        layout.of.insert(root(roots, v), loc);
    }
    let last_reader = last_readers(&graph, roots, &schedule.order);
    let mut lowered: Vec<Option<Lowered>> = lowered.into_iter().map(Some).collect();
    let mut phases: Vec<Phase> = Vec::new();
    let mut first_write = usize::MAX;
    for &i in &schedule.order {
        let node = &graph.nodes[i];
        if let Some(leaf) = graph.leaf_of(i) {
            let loc = layout.fixed(Place::Leaf(leaf));
            layout.of.insert(Value { node: i as u32, out: 0 }, loc);
            continue;
        }
        let Some(low) = lowered[i].take().filter(|_| !node.op.is_view()) else { continue };
        let inputs: Vec<Loc> = node.inputs.iter().map(|&v| layout.of[&root(roots, v)]).collect();
        let (begin, end) = (phases.len(), phases.len() + low.phases.len().saturating_sub(1));
        let dying = low.overwritable.iter().filter(|&&k| {
            let r = root(roots, node.inputs[k]);
            last_reader.get(&r) == Some(&i) && !is_leaf(&graph, r)
        });
        let mut reusable: Vec<usize> = dying.copied().collect();
        let mut outputs: Vec<Loc> = Vec::new();
        for (out, ty) in node.types.iter().enumerate() {
            let v = Value { node: i as u32, out: out as u32 };
            let loc = layout.of.get(&v).copied().unwrap_or_else(|| {
                let same = |&k: &usize| {
                    layout.places[inputs[k].0 as usize].is_err()
                        && graph.ty(node.inputs[k]).bytes() == ty.bytes()
                };
                match reusable.iter().position(same) {
                    Some(k) => inputs[reusable.swap_remove(k)],
                    None => layout.block(ty.bytes(), begin),
                }
            });
            layout.of.insert(v, loc);
            outputs.push(loc);
        }
        let temp = (low.temp > 0).then(|| layout.block(low.temp, begin));
        for &loc in inputs.iter().chain(&outputs).chain(&temp) {
            layout.touch(loc, end);
        }
        if outputs.iter().any(|l| matches!(layout.places[l.0 as usize], Ok(Place::Assigned(_)))) {
            first_write = first_write.min(begin);
        }
        for (spec, run) in low.phases {
            let results = if phases.len() == end { node.types.clone() } else { vec![] };
            phases.push(Phase {
                name: node.op.name(),
                origin: node.origin,
                chunks: spec.chunks,
                scratch: spec.scratch,
                cost: spec.cost,
                inputs: inputs.clone(),
                outputs: outputs.clone(),
                temp,
                results,
                run,
            });
        }
        if let Some(guard) = graph.guard.filter(|g| g.node as usize == i) {
            let loss = layout.of[&root(roots, guard)];
            layout.touch(loss, phases.len());
            phases.push(guard_phase(loss, node.origin));
        }
    }
    let (offsets, arena_bytes) = pack(&layout.blocks);
    let place = |p: &Result<Place, usize>| p.unwrap_or_else(|block| Place::Arena(offsets[block]));
    Plan {
        places: layout.places.iter().map(place).collect(),
        arena_bytes,
        scratch_bytes: phases.iter().map(|p| p.scratch).max().unwrap_or(0),
        cost: phases.iter().map(|p| p.cost).sum(),
        first_write: first_write.min(phases.len()),
        phases,
        outputs: graph.outputs.iter().map(|&v| graph.ty(v).clone()).collect(),
        writes: (graph.assigns.iter().enumerate())
            .map(|(k, a)| Write { leaf: a.leaf, in_place: !schedule.fresh.contains(&k) })
            .collect(),
        leaves: graph.leaves,
    }
}

/// For each value, the last node that reads it; results are read by the end.
fn last_readers(graph: &Graph, roots: &[Value], order: &[usize]) -> HashMap<Value, usize> {
    let mut last = HashMap::new();
    for &i in order {
        for &v in &graph.nodes[i].inputs {
            // A view is read when its own readers run.
            last.insert(root(roots, v), i);
        }
    }
    for v in graph.results() {
        last.insert(root(roots, v), usize::MAX);
    }
    last
}

/// Offsets for blocks so that those alive at the same time do not overlap: largest first, each at
/// the lowest place that is free. Gives the offsets and the size of all.
fn pack(blocks: &[Block]) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(blocks[i].bytes), blocks[i].first));
    let mut offsets = vec![0; blocks.len()];
    let mut placed: Vec<usize> = Vec::new();
    let mut total = 0;
    for i in order {
        let b = &blocks[i];
        let mut taken: Vec<(usize, usize)> = placed
            .iter()
            .filter(|&&p| blocks[p].first <= b.last && b.first <= blocks[p].last)
            .map(|&p| (offsets[p], offsets[p] + blocks[p].bytes))
            .collect();
        taken.sort_unstable();
        let mut at = 0;
        for (begin, end) in taken {
            if at + b.bytes <= begin {
                break;
            }
            at = at.max(end);
        }
        offsets[i] = at;
        total = total.max(at + b.bytes);
        placed.push(i);
    }
    (offsets, total)
}
