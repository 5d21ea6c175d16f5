//! Puts the phases of all nodes in a row, and finds a place for every value.

use super::layout::Layout;
use super::prepare::{Preparation, Prepared, Step};
use super::schedule::Schedule;
use super::{Extent, GUARD, Place, Plan, Write, is_leaf, root};
use crate::graph::{Graph, Value};
use crate::lower::{Loc, Lowered, Phase};
use crate::target::Target;
use fovea_core::TensorType;
use std::collections::HashMap;

/// The plan of a graph whose nodes are lowered.
pub(super) fn assemble<T: Target>(
    graph: Graph,
    mut lowered: Vec<Lowered<T::Work>>,
    roots: &[Value],
    schedule: Schedule,
    preparation: &Preparation,
    target: &T,
) -> Plan<T::Work> {
    let early = |&i: &usize| preparation.nodes[i] || graph.leaf_of(i).is_some();
    let (early, rest): (Vec<usize>, Vec<usize>) = schedule.order.iter().partition(|i| early(i));
    let order = [&early[..], &rest].concat();
    let mut assembly = Assembly::new(&graph, roots, preparation, &order, target);
    for &i in order.iter().rev() {
        assembly.begin_in_outputs(i, &lowered[i].overwritable);
    }
    for step in preparation.steps(&graph, roots, &early) {
        match step {
            Step::Node(i) => assembly.node(i, std::mem::take(&mut lowered[i])),
            Step::Prelude(i, k) => assembly.prelude(i, k, &mut lowered[i]),
        }
    }
    let (phases, bytes) = (assembly.phases.len(), assembly.layout.kept);
    let prepared = Prepared { phases, bytes, leaves: preparation.leaves.clone() };
    for i in rest {
        assembly.node(i, std::mem::take(&mut lowered[i]));
    }
    let Assembly { layout, phases, first_write, .. } = assembly;
    let (places, extents, arena_bytes) = layout.finish();
    Plan {
        places,
        extents,
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

/// A plan while it is made.
struct Assembly<'a, T: Target> {
    graph: &'a Graph,
    roots: &'a [Value],
    preparation: &'a Preparation,
    target: &'a T,
    /// For each value, the last node that reads it.
    last_reader: HashMap<Value, usize>,
    layout: Layout,
    /// Where values lie that have a place.
    at: HashMap<Value, Loc>,
    /// What the preludes of nodes left to them.
    temps: HashMap<usize, Loc>,
    phases: Vec<Phase<T::Work>>,
    first_write: usize,
}

impl<'a, T: Target> Assembly<'a, T> {
    /// Without phases: assignments, outputs and what runs keep have their places.
    fn new(
        graph: &'a Graph,
        roots: &'a [Value],
        preparation: &'a Preparation,
        order: &[usize],
        target: &'a T,
    ) -> Self {
        let mut assembly = Assembly {
            graph,
            roots,
            preparation,
            target,
            last_reader: last_readers(graph, roots, order),
            layout: Layout::new(target.align()),
            at: HashMap::new(),
            temps: HashMap::new(),
            phases: vec![],
            first_write: usize::MAX,
        };
        for (k, a) in graph.assigns.iter().enumerate() {
            assembly.fix(a.value, Place::Assigned(k as u32));
        }
        for (k, &v) in graph.outputs.iter().enumerate() {
            assembly.fix(root(roots, v), Place::Output(k as u32));
        }
        for &v in &preparation.kept {
            let loc = assembly.layout.keep(assembly.extent(graph.ty(v)));
            assembly.at.insert(v, loc);
        }
        assembly
    }

    fn extent(&self, ty: &TensorType) -> Extent {
        Extent { bytes: self.target.bytes(ty), dtype: Some(ty.dtype) }
    }

    fn fix(&mut self, value: Value, place: Place) {
        let loc = self.layout.fixed(place, self.extent(self.graph.ty(value)));
        self.at.insert(value, loc);
    }

    /// The value whose memory input `k` of a node is.
    fn input(&self, node: usize, k: usize) -> Value {
        root(self.roots, self.graph.nodes[node].inputs[k])
    }

    /// Whether a node may write over one of its inputs: it is the plan's, nobody reads it later, and the node
    /// itself nowhere but where it may be written over.
    fn dies(&self, value: Value, node: usize, overwritable: &[usize]) -> bool {
        let mut read = (0..self.graph.nodes[node].inputs.len()).filter(|&k| self.input(node, k) == value);
        self.last_reader.get(&value) == Some(&node)
            && !is_leaf(self.graph, value)
            && read.all(|k| overwritable.contains(&k))
    }

    /// Lets inputs of a node lie where its outputs will, if those are written over them, element by element,
    /// and nobody needs them afterwards: the random numbers that become a layer's first weights, say.
    fn begin_in_outputs(&mut self, node: usize, overwritable: &[usize]) {
        for (out, ty) in self.graph.nodes[node].types.iter().enumerate() {
            let Some(&loc) = self.at.get(&Value { node: node as u32, out: out as u32 }) else { continue };
            if !matches!(self.layout.place(loc), Some(Place::Output(_))) {
                continue;
            }
            let suits = |&value: &Value| {
                self.dies(value, node, overwritable)
                    && !self.at.contains_key(&value)
                    && self.target.interchangeable(self.graph.ty(value), ty)
            };
            if let Some(value) = overwritable.iter().map(|&k| self.input(node, k)).find(suits) {
                self.at.insert(value, loc);
            }
        }
    }

    /// Lets the first phases of a node, which read input `k` alone, run before the rest. What they make of it
    /// is kept.
    fn prelude(&mut self, i: usize, k: usize, lowered: &mut Lowered<T::Work>) {
        let node = &self.graph.nodes[i];
        let from = self.at[&self.input(i, k)];
        let temp = self.layout.keep(Extent { bytes: lowered.temp, dtype: None });
        let count = lowered.prelude.map_or(0, |prelude| prelude.phases);
        self.phases.extend(lowered.work.drain(..count).map(|work| Phase {
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
        self.layout.touch(from, self.phases.len() - 1);
        self.temps.insert(i, temp);
    }

    /// Appends the phases of a node, or what its prelude has left of them.
    fn node(&mut self, i: usize, lowered: Lowered<T::Work>) {
        let node = &self.graph.nodes[i];
        if let Some(leaf) = self.graph.leaf_of(i) {
            return self.fix(Value { node: i as u32, out: 0 }, Place::Leaf(leaf));
        }
        if node.op.is_view() {
            return;
        }
        let (begin, end) = (self.phases.len(), self.phases.len() + lowered.work.len().saturating_sub(1));
        let inputs: Vec<Loc> = (0..node.inputs.len()).map(|k| self.at[&self.input(i, k)]).collect();
        let outputs = self.outputs(i, &inputs, &lowered.overwritable, begin);
        let temp = self.temps.get(&i).copied().or_else(|| {
            let own = Extent { bytes: lowered.temp, dtype: None };
            (lowered.temp > 0).then(|| self.layout.block(own, begin))
        });
        // What the prelude read may be gone.
        let read = inputs.iter().enumerate().filter(|&(k, _)| self.preparation.preludes[i] != Some(k));
        for &loc in read.map(|(_, loc)| loc).chain(&outputs).chain(&temp) {
            self.layout.touch(loc, end);
        }
        let writes = outputs.iter().any(|&loc| matches!(self.layout.place(loc), Some(Place::Assigned(_))));
        if writes {
            self.first_write = self.first_write.min(begin);
        }
        for mut work in lowered.work {
            if writes && self.graph.guard.is_some() {
                self.target.heed(&mut work);
            }
            let results = if self.phases.len() == end { node.types.clone() } else { vec![] };
            self.phases.push(Phase {
                name: node.op.name(),
                origin: node.origin,
                inputs: inputs.clone(),
                outputs: outputs.clone(),
                temp,
                results,
                flops: lowered.flops,
                work,
            });
        }
        if let Some(guard) = self.graph.guard.filter(|g| g.node as usize == i) {
            self.guard(guard);
        }
    }

    /// Where the outputs of a node lie: where they have a place already, or that of an input that they may be
    /// written over, or one of their own.
    fn outputs(&mut self, i: usize, inputs: &[Loc], overwritable: &[usize], phase: usize) -> Vec<Loc> {
        let mut reusable: Vec<usize> =
            overwritable.iter().copied().filter(|&k| self.dies(self.input(i, k), i, overwritable)).collect();
        let node = &self.graph.nodes[i];
        let mut outputs = Vec::with_capacity(node.types.len());
        for (out, ty) in node.types.iter().enumerate() {
            let value = Value { node: i as u32, out: out as u32 };
            let loc = self.at.get(&value).copied().unwrap_or_else(|| {
                let same = |&k: &usize| {
                    self.layout.place(inputs[k]).is_none()
                        && self.target.interchangeable(self.graph.ty(node.inputs[k]), ty)
                };
                match reusable.iter().position(same) {
                    Some(k) => inputs[reusable.swap_remove(k)],
                    None => self.layout.block(self.extent(ty), phase),
                }
            });
            self.at.insert(value, loc);
            outputs.push(loc);
        }
        outputs
    }

    /// Appends the phase that tests the loss, whose node was the last.
    fn guard(&mut self, loss: Value) {
        let at = self.at[&root(self.roots, loss)];
        self.layout.touch(at, self.phases.len());
        self.phases.push(Phase {
            name: GUARD,
            origin: self.graph.nodes[loss.node as usize].origin,
            inputs: vec![at],
            outputs: vec![],
            temp: None,
            results: vec![],
            flops: 0.0,
            work: self.target.guard(),
        });
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
