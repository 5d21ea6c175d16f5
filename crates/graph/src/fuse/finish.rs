//! What a map does first to the result of a product that it alone reads, a product in float32 does itself, on
//! its way to memory: it adds another tensor, applies an activation, or takes the gradient of one. The map reads
//! a tensor less, or is not needed at all: what joins at the end of a residual block, or the gradients of its
//! branches. (In bfloat16 a tensor that products of odd sizes add would have to be widened first.)

use super::epilogue::Next;
use super::map::{Arg, Map, Output, Step};
use super::rematerialise::{drop_unread, replace};
use super::{Fused, FusedProduct, reorder};
use crate::elementwise::Ew;
use crate::graph::{Graph, Value};
use crate::ops::Op;
use fovea_core::{DType, TensorType};
use fovea_kernels::gemm::{Activation, Gate};
use std::cmp::Reverse;

/// What products may take over.
pub(super) struct What {
    /// Whether they pass gates. Masks that maps can as well compute anew should be gone before.
    pub gates: bool,
    /// From how many elements on a matrix product is rather joined by the whole map.
    pub mapped_elements: usize,
}

/// Lets products take over what they can of the maps behind them.
pub(super) fn fuse(mut graph: Graph, what: &What) -> Graph {
    let mut i = 0;
    while i < graph.nodes.len() {
        match taken(&graph, i, what) {
            // Nodes may have moved, but not to or from places after this one.
            Some(taken) => graph = taken.apply(graph, i),
            None => i += 1,
        }
    }
    graph
}

/// What a product takes over from a map.
struct Taken {
    /// Which input of the map is the product.
    slot: usize,
    product: FusedProduct,
    /// The operand that the product gets.
    operand: Option<Value>,
    /// The step whose result becomes the product's.
    step: u32,
}

fn taken(graph: &Graph, i: usize, what: &What) -> Option<Taken> {
    let Op::Fused(Fused::Map(map)) = &graph.nodes[i].op else { return None };
    let uses = graph.uses();
    // Of two products, the later one finds the other's result.
    let mut slots: Vec<usize> = (0..map.inputs.len()).collect();
    slots.sort_by_key(|&slot| Reverse(graph.nodes[i].inputs[slot].node));
    slots.into_iter().find_map(|slot| {
        let read = graph.nodes[i].inputs[slot];
        let product = FusedProduct::of(&graph.nodes[read.node as usize].op)?;
        let x: Vec<TensorType> =
            graph.nodes[read.node as usize].inputs.iter().map(|&v| graph.ty(v).clone()).collect();
        if product.gemm(&x).is_some() && graph.ty(read).elements() >= what.mapped_elements {
            return None;
        }
        let alone = uses[read.node as usize] == 1 && map.inputs[slot] == *graph.ty(read);
        let plain = map.aligned(slot) && map.inputs[slot].dtype == DType::F32;
        let first = Reads { map }.first(slot).filter(|_| alone && plain)?;
        let assigned = graph.assigns.iter().any(|a| {
            a.value.node as usize == i && map.results[a.value.out as usize].arg == Arg::Step(first.step)
        });
        let wanted = what.gates || !matches!(first.next, Next::Gate(_));
        let product = product.then(first.next).filter(|_| wanted && !assigned)?;
        let operand = first.operand.map(|k| graph.nodes[i].inputs[k]);
        Some(Taken { slot, product, operand, step: first.step })
    })
}

/// What happens first to an input.
struct First {
    next: Next,
    /// The input that it takes besides.
    operand: Option<usize>,
    step: u32,
}

/// What reads what in a map.
struct Reads<'m> {
    map: &'m Map,
}

impl Reads<'_> {
    /// What happens to an input that one step alone reads, if products can do that.
    fn first(&self, slot: usize) -> Option<First> {
        let input = Arg::Input(slot as u32);
        let (s, step) = self.only(input)?;
        let first = |next, operand| Some(First { next, operand, step: s });
        match (step.op, &step.args[..]) {
            (Ew::Add, &[a, b]) => {
                let other = self.tensor(if a == input { b } else { a }, DType::F32)?;
                self.only(Arg::Input(other as u32))?;
                first(Next::Addend, Some(other))
            }
            (Ew::Relu, _) => first(Next::Activation(Activation::Relu), None),
            (Ew::Relu6, _) => first(Next::Activation(Activation::Relu6), None),
            (Ew::Where, &[mask, value, zero]) if value == input && is(zero, 0.0) => {
                self.only(mask)?;
                let (gate, open) = match mask {
                    Arg::Step(m) => self.slope(&self.map.steps[m as usize])?,
                    _ => (Gate::Flags, self.tensor(mask, DType::Bool)?),
                };
                first(Next::Gate(gate), Some(open))
            }
            _ => None,
        }
    }

    /// The step that reads a value, if nothing else does, nor that twice.
    fn only(&self, arg: Arg) -> Option<(u32, &Step)> {
        let leaves = self.map.results.iter().any(|result| result.arg == arg);
        let mut reading = (0..).zip(&self.map.steps).filter(|(_, step)| step.args.contains(&arg));
        let reader = reading.next().filter(|_| !leaves)?;
        let twice = reader.1.args.iter().filter(|&&read| read == arg).count() > 1;
        (!twice && reading.next().is_none()).then_some(reader)
    }

    /// The activation whose slope is not zero where this step says so, and the input that is its result, which
    /// serves for nothing else.
    fn slope(&self, mask: &Step) -> Option<(Gate, usize)> {
        let positive = |step: &Step| match (step.op, &step.args[..]) {
            (Ew::Greater, &[result, zero]) if is(zero, 0.0) => self.tensor(result, DType::F32),
            _ => None,
        };
        let below = |step: &Step| match (step.op, &step.args[..]) {
            (Ew::Less, &[result, six]) if is(six, 6.0) => self.tensor(result, DType::F32),
            _ => None,
        };
        let uses = |k: usize| {
            let read = |arg: &&Arg| **arg == Arg::Input(k as u32);
            let results = self.map.results.iter().map(|result| &result.arg);
            self.map.steps.iter().flat_map(|step| &step.args).chain(results).filter(read).count()
        };
        if let Some(k) = positive(mask) {
            return (uses(k) == 1).then_some((Gate::Relu, k));
        }
        let (Ew::And, &[low @ Arg::Step(a), high @ Arg::Step(b)]) = (mask.op, &mask.args[..]) else {
            return None;
        };
        let [low_step, high_step] = [a, b].map(|s| &self.map.steps[s as usize]);
        let k = positive(low_step).filter(|&k| below(high_step) == Some(k) && uses(k) == 2)?;
        (self.only(low).is_some() && self.only(high).is_some()).then_some((Gate::Relu6, k))
    }

    /// The input that an argument is, if it has an element of this type for each of the map.
    fn tensor(&self, arg: Arg, dtype: DType) -> Option<usize> {
        match arg {
            Arg::Input(k) => {
                Some(k as usize).filter(|&k| self.map.aligned(k) && self.map.inputs[k].dtype == dtype)
            }
            _ => None,
        }
    }
}

/// Whether an argument is this number, of float32.
fn is(arg: Arg, number: f64) -> bool {
    matches!(arg, Arg::Constant(c) if c.dtype == DType::F32 && c.value() == number)
}

impl Taken {
    /// The graph where the product of map `i` does it.
    fn apply(self, mut graph: Graph, i: usize) -> Graph {
        let Taken { slot, product, operand, step } = self;
        let value = graph.nodes[i].inputs[slot];
        let at = value.node as usize;
        let node = &mut graph.nodes[at];
        node.op = Op::Fused(Fused::Product(product));
        node.inputs.extend(operand);
        stand_in(&mut graph, i, step, slot, value);
        if operand.is_none_or(|operand| (operand.node as usize) < at) {
            return graph;
        }
        // The product waits for its operand: nothing between reads it.
        let order: Vec<usize> = (0..i).filter(|&k| k != at).chain([at]).chain(i..graph.nodes.len()).collect();
        reorder(graph, &order)
    }
}

/// Puts input `slot`, which is `value`, in the place of a step of map `i`, and the value itself in the place of
/// the map's results that were that step.
fn stand_in(graph: &mut Graph, i: usize, step: u32, slot: usize, value: Value) {
    let Op::Fused(Fused::Map(map)) = &graph.nodes[i].op else { return };
    let moved = |arg: Arg| if arg == Arg::Step(step) { Arg::Input(slot as u32) } else { arg };
    let steps = map.steps.iter();
    let steps = steps.map(|s| Step { args: s.args.iter().map(|&arg| moved(arg)).collect(), ..s.clone() });
    let results = map.results.iter().map(|y| Output { arg: moved(y.arg), ..y.clone() });
    let given: Vec<bool> =
        map.results.iter().map(|y| y.arg == Arg::Step(step) && y.total.is_none()).collect();
    let map = Map {
        shape: map.shape.clone(),
        inputs: map.inputs.clone(),
        steps: steps.collect(),
        results: results.collect(),
    };
    let inputs = graph.nodes[i].inputs.clone();
    replace(graph, i, map, &inputs);
    let to = |v: Value| if v.node as usize == i && given[v.out as usize] { value } else { v };
    graph.map_values(to);
    let reads = |v: Value| v.node as usize == i;
    let read = graph.nodes.iter().any(|n| n.inputs.iter().copied().any(reads)) || graph.results().any(reads);
    match &graph.nodes[i].op {
        Op::Fused(Fused::Map(map)) if !read => {
            // It would still read the product until the next pruning.
            let nothing = Map { results: vec![], ..Map::clone(map) };
            replace(graph, i, nothing, &[]);
        }
        _ => drop_unread(graph, i),
    }
}
