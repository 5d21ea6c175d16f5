//! Where every value lies: leaves, outputs and variables in buffers of their own, everything else
//! in one arena, where values that are not needed at the same time share bytes.

use super::prepare::{Preparation, Prepared, Step};
use super::schedule::Schedule;
use super::{Extent, GUARD, Place, Plan, Write, is_leaf, root};
use crate::graph::{Graph, Node, Value};
use crate::lower::{Loc, Lowered, Phase};
use crate::target::Target;
use fovea_core::TensorType;
use std::collections::HashMap;

/// Something that needs bytes in the arena while phases `first..=last` run.
struct Block {
    bytes: usize,
    first: usize,
    last: usize,
}

struct Layout {
    /// Blocks begin at multiples of so many bytes.
    align: usize,
    /// By [`Loc`]: where it lies, or the number of a block.
    places: Vec<Result<Place, usize>>,
    extents: Vec<Extent>,
    blocks: Vec<Block>,
    /// Bytes that runs keep.
    kept: usize,
    of: HashMap<Value, Loc>,
}

impl Layout {
    fn fixed(&mut self, place: Place, extent: Extent) -> Loc {
        self.places.push(Ok(place));
        self.extents.push(extent);
        Loc(self.places.len() as u32 - 1)
    }

    fn block(&mut self, extent: Extent, phase: usize) -> Loc {
        self.extents.push(extent);
        self.blocks.push(Block {
            bytes: extent.bytes.next_multiple_of(self.align),
            first: phase,
            last: phase,
        });
        self.places.push(Err(self.blocks.len() - 1));
        Loc(self.places.len() as u32 - 1)
    }

    fn keep(&mut self, extent: Extent) -> Loc {
        let offset = self.kept;
        self.kept += extent.bytes.next_multiple_of(self.align);
        self.fixed(Place::Kept(offset), extent)
    }

    fn touch(&mut self, loc: Loc, phase: usize) {
        if let Err(block) = self.places[loc.0 as usize] {
            self.blocks[block].last = self.blocks[block].last.max(phase);
        }
    }
}

pub(super) fn lay_out<T: Target>(
    graph: Graph,
    lowered: Vec<Lowered<T::Work>>,
    roots: &[Value],
    schedule: Schedule,
    preparation: Preparation,
    target: &T,
) -> Plan<T::Work> {
    let align = target.align();
    let (places, extents, blocks) = (vec![], vec![], vec![]);
    let mut layout = Layout { align, places, extents, blocks, kept: 0, of: HashMap::new() };
    let extent = |ty: &TensorType| Extent { bytes: target.bytes(ty), dtype: Some(ty.dtype) };
    for (k, a) in graph.assigns.iter().enumerate() {
        let loc = layout.fixed(Place::Assigned(k as u32), extent(graph.ty(a.value)));
        layout.of.insert(a.value, loc);
    }
    for (k, &v) in graph.outputs.iter().enumerate() {
        let loc = layout.fixed(Place::Output(k as u32), extent(graph.ty(v)));
        layout.of.insert(root(roots, v), loc);
    }
    for &v in &preparation.kept {
        let loc = layout.keep(extent(graph.ty(v)));
        layout.of.insert(v, loc);
    }
    let early = |&i: &usize| preparation.nodes[i] || graph.leaf_of(i).is_some();
    let (first, rest): (Vec<usize>, Vec<usize>) = schedule.order.iter().partition(|i| early(i));
    let order = [&first[..], &rest].concat();
    let last_reader = last_readers(&graph, roots, &order);
    for &i in order.iter().rev() {
        begin_in_outputs(&mut layout, &graph, i, &lowered[i], roots, &last_reader, target);
    }
    let mut lowered: Vec<Option<Lowered<T::Work>>> = lowered.into_iter().map(Some).collect();
    let mut phases: Vec<Phase<T::Work>> = Vec::new();
    let mut first_write = usize::MAX;
    let mut prepared = Prepared { phases: 0, bytes: 0, leaves: preparation.leaves.clone() };
    let mut temps: HashMap<usize, Loc> = HashMap::new();
    let early = preparation.steps(&graph, roots, &first);
    let steps = early.iter().copied().chain(rest.into_iter().map(Step::Node));
    for (at, step) in steps.enumerate() {
        if at == early.len() {
            (prepared.phases, prepared.bytes) = (phases.len(), layout.kept);
        }
        let i = match step {
            Step::Node(i) => i,
            Step::Prelude(i, k) => {
                let from = layout.of[&root(roots, graph.nodes[i].inputs[k])];
                let low = lowered[i].as_mut();
                temps.extend(
                    low.map(|low| (i, begin_early(&mut layout, &graph.nodes[i], from, low, &mut phases))),
                );
                continue;
            }
        };
        let node = &graph.nodes[i];
        if let Some(leaf) = graph.leaf_of(i) {
            let loc = layout.fixed(Place::Leaf(leaf), extent(&node.types[0]));
            layout.of.insert(Value { node: i as u32, out: 0 }, loc);
            continue;
        }
        let Some(low) = lowered[i].take().filter(|_| !node.op.is_view()) else { continue };
        let inputs: Vec<Loc> = node.inputs.iter().map(|&v| layout.of[&root(roots, v)]).collect();
        let (begin, end) = (phases.len(), phases.len() + low.work.len().saturating_sub(1));
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
                        && target.interchangeable(graph.ty(node.inputs[k]), ty)
                };
                match reusable.iter().position(same) {
                    Some(k) => inputs[reusable.swap_remove(k)],
                    None => layout.block(extent(ty), begin),
                }
            });
            layout.of.insert(v, loc);
            outputs.push(loc);
        }
        let own = (low.temp > 0).then_some(Extent { bytes: low.temp, dtype: None });
        let temp = temps.get(&i).copied().or_else(|| own.map(|extent| layout.block(extent, begin)));
        // What the prelude read may be gone.
        let read = inputs.iter().enumerate().filter(|&(k, _)| preparation.preludes[i] != Some(k));
        for &loc in read.map(|(_, loc)| loc).chain(&outputs).chain(&temp) {
            layout.touch(loc, end);
        }
        let writes = outputs.iter().any(|l| matches!(layout.places[l.0 as usize], Ok(Place::Assigned(_))));
        if writes {
            first_write = first_write.min(begin);
        }
        for mut work in low.work {
            if writes && graph.guard.is_some() {
                target.heed(&mut work);
            }
            let results = if phases.len() == end { node.types.clone() } else { vec![] };
            phases.push(Phase {
                name: node.op.name(),
                origin: node.origin,
                inputs: inputs.clone(),
                outputs: outputs.clone(),
                temp,
                results,
                flops: low.flops,
                work,
            });
        }
        if let Some(guard) = graph.guard.filter(|g| g.node as usize == i) {
            let loss = layout.of[&root(roots, guard)];
            layout.touch(loss, phases.len());
            phases.push(Phase {
                name: GUARD,
                origin: node.origin,
                inputs: vec![loss],
                outputs: vec![],
                temp: None,
                results: vec![],
                flops: 0.0,
                work: target.guard(),
            });
        }
    }
    let (offsets, arena_bytes) = pack(&layout.blocks);
    let place = |p: &Result<Place, usize>| p.unwrap_or_else(|block| Place::Arena(offsets[block]));
    Plan {
        places: layout.places.iter().map(place).collect(),
        extents: layout.extents,
        arena_bytes,
        prepared,
        guarded: graph.guard.is_some(),
        first_write: first_write.min(phases.len()),
        phases,
        outputs: graph.outputs.iter().map(|&v| graph.ty(v).clone()).collect(),
        writes: (graph.assigns.iter().enumerate())
            .map(|(k, a)| Write { leaf: a.leaf, in_place: !schedule.fresh.contains(&k) })
            .collect(),
        leaves: graph.leaves,
    }
}

/// Lets a node's first phases, which read one input alone, run before the rest. That lies at `from`; what they
/// make of it is kept, where the result says.
fn begin_early<W>(
    layout: &mut Layout,
    node: &Node,
    from: Loc,
    lowered: &mut Lowered<W>,
    phases: &mut Vec<Phase<W>>,
) -> Loc {
    let temp = layout.keep(Extent { bytes: lowered.temp, dtype: None });
    let count = lowered.prelude.map_or(0, |prelude| prelude.phases);
    phases.extend(lowered.work.drain(..count).map(|work| Phase {
        name: node.op.name(),
        origin: node.origin,
        // The other operands have no place yet; nobody looks there.
        inputs: vec![from; node.inputs.len()],
        outputs: vec![temp],
        temp: Some(temp),
        results: vec![],
        flops: 0.0,
        work,
    }));
    layout.touch(from, phases.len() - 1);
    temp
}

/// Lets inputs of a node lie where its outputs will, if those are written over them, element by element,
/// and nobody needs them afterwards: the random numbers that become a layer's first weights, say.
fn begin_in_outputs<T: Target>(
    layout: &mut Layout,
    graph: &Graph,
    node: usize,
    lowered: &Lowered<T::Work>,
    roots: &[Value],
    last_reader: &HashMap<Value, usize>,
    target: &T,
) {
    let inputs = &graph.nodes[node].inputs;
    for (out, ty) in graph.nodes[node].types.iter().enumerate() {
        let Some(&loc) = layout.of.get(&Value { node: node as u32, out: out as u32 }) else { continue };
        if !matches!(layout.places[loc.0 as usize], Ok(Place::Output(_))) {
            continue;
        }
        let suits = |&r: &(usize, Value)| {
            let (k, value) = r;
            last_reader.get(&value) == Some(&node)
                && !is_leaf(graph, value)
                && !layout.of.contains_key(&value)
                && target.interchangeable(graph.ty(inputs[k]), ty)
        };
        let candidates = lowered.overwritable.iter().map(|&k| (k, root(roots, inputs[k])));
        if let Some((_, value)) = candidates.into_iter().find(suits) {
            layout.of.insert(value, loc);
        }
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

#[cfg(test)]
mod tests {
    use crate::builder::Builder;
    use crate::elementwise::Ew;
    use crate::graph::{Leaf, LeafKind};
    use crate::ops::{MatMul, Transpose};
    use crate::plan::compile;
    use crate::target::Cpu;
    use fovea_core::{DType, Shape, TensorType};
    use fovea_kernels::isa::Isa;

    /// The arena of a plan whose outputs are made of a product; `also` makes one more of it.
    fn arena(also: bool) -> usize {
        let b = Builder::new();
        let ty = TensorType::new(DType::F32, Shape::of(&[32, 32]));
        let x = b.leaf(Leaf { kind: LeafKind::Input, ty });
        let product = b.one(MatMul { transpose_a: true, transpose_b: false }, &[x, x]);
        let mut outputs = vec![(product * 2.0).map(Ew::Exp).value];
        if also {
            outputs.push(product.apply(Transpose { perm: vec![1, 0] }).value);
        }
        let graph = b.finish(outputs, vec![], None).unwrap();
        compile(graph, &Cpu::new(Isa::Portable)).unwrap().arena_bytes
    }

    #[test]
    fn what_an_output_is_written_over_lies_there_from_the_beginning() {
        assert_eq!(arena(false), 0);
        assert_eq!(arena(true), 32 * 32 * 4);
    }
}
