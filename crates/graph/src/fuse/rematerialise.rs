//! Values that maps hand to later maps, and that those can as well compute anew: a mask, or what is left
//! after the mean was taken off. The gradient of a normalised and rectified convolution reads the
//! convolution's result anyway; with it comes all else that the forward pass made of it, and nothing but
//! that result has to be written, kept and read again.

mod handover;

use super::Fused;
use super::map::{Arg, Map, Output, Step};
use crate::elementwise::{Ew, Family};
use crate::graph::{Graph, Node, Value};
use crate::ops::Op;
use std::collections::HashMap;
use std::sync::Arc;

pub(super) use handover::hand_over_less;

/// Steps that cost less than reading what they give, one by one, from memory.
const MOST_STEPS: usize = 12;
/// Steps of a map that still leave each other room in the nearest cache.
const MOST_IN_ALL: usize = 96;

/// Recomputes what is cheaper to compute than to keep; a map gets at most so many operands.
pub(super) fn rematerialise(mut graph: Graph, most_operands: usize) -> Graph {
    // Read late, they could not be written in place before.
    let written: Vec<u32> = graph.assigns.iter().map(|a| a.leaf).collect();
    for node in 0..graph.nodes.len() {
        let outputs = graph.nodes[node].types.len();
        if map_of(&graph, node).is_none() {
            continue;
        }
        for out in 0..outputs {
            let value = Value { node: node as u32, out: out as u32 };
            let Some(readers) = map_readers(&graph, value) else { continue };
            let best = recipes(&graph, value, &written)
                .into_iter()
                .filter(|recipe| recipe.pays(&graph, value, &readers, most_operands))
                .min_by_key(|recipe| (recipe.new_bytes(&graph, &readers), recipe.steps.len()));
            if let Some(recipe) = best {
                readers.iter().for_each(|&reader| inline(&mut graph, reader, value, &recipe));
            }
        }
        drop_unread(&mut graph, node);
    }
    graph
}

/// How a map's result comes about: steps on values that stand before it.
struct Recipe {
    inputs: Vec<Value>,
    /// Their arguments are `inputs` and each other.
    steps: Vec<Step>,
    result: Arg,
}

impl Recipe {
    /// Bytes that the readers would read beside what they do read.
    fn new_bytes(&self, graph: &Graph, readers: &[usize]) -> usize {
        readers.iter().map(|&reader| self.new_bytes_of(graph, reader)).sum()
    }

    /// Operands of fewer elements than the map stay in the cache.
    fn new_bytes_of(&self, graph: &Graph, reader: usize) -> usize {
        let node = &graph.nodes[reader];
        let whole = map_of(graph, reader).map_or(0, |map| map.shape.iter().product());
        let new = self.inputs.iter().filter(|v| !node.inputs.contains(v)).map(|&v| graph.ty(v));
        new.filter(|ty| ty.elements() == whole).map(|ty| ty.bytes()).sum()
    }

    /// Whether no reader reads more than before, and each can take the steps.
    fn pays(&self, graph: &Graph, value: Value, readers: &[usize], most_operands: usize) -> bool {
        let bytes = graph.ty(value).bytes();
        readers.iter().all(|&reader| {
            let node = &graph.nodes[reader];
            let new = self.inputs.iter().filter(|v| !node.inputs.contains(v)).count();
            let operands = node.inputs.len() - 1 + new + node.types.len();
            let steps = map_of(graph, reader).map_or(0, |map| map.steps.len()) + self.steps.len();
            self.new_bytes_of(graph, reader) <= bytes && operands <= most_operands && steps <= MOST_IN_ALL
        })
    }
}

fn map_of(graph: &Graph, node: usize) -> Option<&Map> {
    match &graph.nodes[node].op {
        Op::Fused(Fused::Map(map)) => Some(map),
        _ => None,
    }
}

/// The maps that read a value element by element, if they are all that does.
fn map_readers(graph: &Graph, value: Value) -> Option<Vec<usize>> {
    if graph.results().any(|v| v == value) {
        return None;
    }
    let readers: Vec<usize> =
        (0..graph.nodes.len()).filter(|&i| graph.nodes[i].inputs.contains(&value)).collect();
    let map = map_of(graph, value.node as usize)?;
    let shape = &map.shape;
    let alike = |&reader: &usize| map_of(graph, reader).is_some_and(|map| map.shape == *shape);
    let is_total = map.results[value.out as usize].total.is_some();
    (!is_total && !readers.is_empty() && readers.iter().all(alike)).then_some(readers)
}

/// Ways to compute a map's result anew: from what the map reads, and from its results that are kept for
/// others, where that is shorter.
fn recipes(graph: &Graph, value: Value, written: &[u32]) -> Vec<Recipe> {
    let node = value.node as usize;
    let Some(map) = map_of(graph, node) else { return vec![] };
    let kept = |out: usize| {
        let other = Value { node: value.node, out: out as u32 };
        other != value && map.results[out].total.is_none() && map_readers(graph, other).is_none()
    };
    let kept: HashMap<u32, u32> = (0..map.results.len())
        .filter(|&out| kept(out))
        .filter_map(|out| match map.results[out].arg {
            Arg::Step(step) => Some((step, out as u32)),
            _ => None,
        })
        .collect();
    let mut recipes: Vec<Recipe> = [HashMap::new(), kept]
        .iter()
        .filter_map(|kept| recipe(&graph.nodes[node], map, value, kept))
        .collect();
    let large = |v: Value| graph.ty(v).elements() == map.shape.iter().product::<usize>();
    recipes.retain(|r| !r.inputs.iter().any(|&v| large(v) && is_written(graph, v, written)));
    recipes
}

/// The steps behind a result, down to the map's inputs and the results that are kept, by their steps.
fn recipe(node: &Node, map: &Map, value: Value, kept: &HashMap<u32, u32>) -> Option<Recipe> {
    let result = map.results[value.out as usize].arg;
    let mut needed = needed(map, [result], kept);
    needed.retain(|&s| Arg::Step(s) == result || !kept.contains_key(&s));
    if needed.len() > MOST_STEPS || !needed.iter().all(|&s| is_cheap(map.steps[s as usize].op)) {
        return None;
    }
    let mut inputs: Vec<Value> = vec![];
    let mut steps = Steps::default();
    for s in needed {
        let step = &map.steps[s as usize];
        let read = |arg: &Arg| match arg {
            Arg::Step(s) => kept.get(s).map(|&out| Value { out, ..value }),
            Arg::Input(i) => Some(node.inputs[*i as usize]),
            Arg::Constant(_) => None,
        };
        steps.push(s, step, |arg| read(&arg).map(|v| Arg::Input(position(&mut inputs, v) as u32)));
    }
    Some(Recipe { inputs, result: steps.place(result, |_| None), steps: steps.list })
}

/// Whether a strip of it takes a few cycles: arithmetic, comparisons and choices.
fn is_cheap(op: Ew) -> bool {
    op.family() != Family::Float && !matches!(op, Ew::Pow | Ew::Mod | Ew::FloorDiv | Ew::Gcd)
}

/// Whether a value is a variable's that the run writes, or lies where such a variable does.
fn is_written(graph: &Graph, value: Value, written: &[u32]) -> bool {
    let node = &graph.nodes[value.node as usize];
    match node.op {
        Op::Leaf(leaf) => written.contains(&leaf),
        _ if node.op.is_view() => node.inputs.iter().any(|&v| is_written(graph, v, written)),
        _ => false,
    }
}

/// Steps of a map behind some of its arguments, in their order; those of `known` are not looked behind.
fn needed(map: &Map, args: impl IntoIterator<Item = Arg>, known: &HashMap<u32, u32>) -> Vec<u32> {
    let mut is = vec![false; map.steps.len()];
    let mut open: Vec<Arg> = args.into_iter().collect();
    while let Some(arg) = open.pop() {
        if let Arg::Step(s) = arg
            && !std::mem::replace(&mut is[s as usize], true)
            && !known.contains_key(&s)
        {
            open.extend(&map.steps[s as usize].args);
        }
    }
    (0..is.len() as u32).filter(|&s| is[s as usize]).collect()
}

/// Steps of one map on their way to another; what is there already is not computed twice.
#[derive(Default)]
struct Steps {
    list: Vec<Step>,
    /// Where each step went.
    places: HashMap<u32, Arg>,
}

impl Steps {
    /// Adds step `s`; `read` says where its arguments are that are none of the steps before it.
    fn push(&mut self, s: u32, step: &Step, mut read: impl FnMut(Arg) -> Option<Arg>) {
        let args = step.args.iter().map(|&arg| self.place(arg, &mut read)).collect();
        let step = Step { args, ..step.clone() };
        let at = self.list.iter().position(|known| *known == step).unwrap_or_else(|| {
            self.list.push(step);
            self.list.len() - 1
        });
        self.places.insert(s, Arg::Step(at as u32));
    }

    /// Where an argument went, by `read` if that knows.
    fn place(&self, arg: Arg, mut read: impl FnMut(Arg) -> Option<Arg>) -> Arg {
        match (read(arg), arg) {
            (Some(known), _) => known,
            (None, Arg::Step(s)) => self.places[&s],
            (None, other) => other,
        }
    }
}

/// Where a value stands in a list that it joins if it is not there.
fn position(list: &mut Vec<Value>, value: Value) -> usize {
    list.iter().position(|&v| v == value).unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    })
}

/// Puts a recipe's steps before those of a map, and lets them stand for the value that it read.
fn inline(graph: &mut Graph, reader: usize, value: Value, recipe: &Recipe) {
    let Some(map) = map_of(graph, reader) else { return };
    let mut inputs = graph.nodes[reader].inputs.clone();
    let mut steps = Steps::default();
    for (s, step) in recipe.steps.iter().enumerate() {
        steps.push(s as u32, step, |arg| match arg {
            Arg::Input(i) => Some(Arg::Input(position(&mut inputs, recipe.inputs[i as usize]) as u32)),
            _ => None,
        });
    }
    let result = steps.place(recipe.result, |_| None);
    steps.places.clear();
    let read = |arg| match arg {
        Arg::Input(i) if inputs[i as usize] == value => Some(result),
        _ => None,
    };
    map.steps.iter().enumerate().for_each(|(s, step)| steps.push(s as u32, step, read));
    let results = map.results.iter().map(|y| Output { arg: steps.place(y.arg, read), ..y.clone() }).collect();
    let types = inputs.iter().map(|&v| graph.ty(v).clone()).collect();
    let map = Map { shape: map.shape.clone(), inputs: types, steps: steps.list, results };
    replace(graph, reader, map, &inputs);
}

/// Takes away what a map computes for nobody.
pub(super) fn drop_unread(graph: &mut Graph, node: usize) {
    let Some(map) = map_of(graph, node) else { return };
    let mut read = vec![false; map.results.len()];
    let inputs = graph.nodes.iter().flat_map(|n| n.inputs.iter().copied());
    for v in inputs.chain(graph.results()).filter(|v| v.node as usize == node) {
        read[v.out as usize] = true;
    }
    // A map without results is nobody's input, and goes with the next pruning.
    if read.iter().all(|&read| read) || !read.contains(&true) {
        return;
    }
    let moved: Vec<u32> =
        read.iter().scan(0, |next, &read| Some(std::mem::replace(next, *next + u32::from(read)))).collect();
    let kept = |out: &usize| read[*out];
    let results = (0..read.len()).filter(kept).map(|out| map.results[out].clone()).collect();
    let map = Map { results, ..map.clone() };
    let inputs = graph.nodes[node].inputs.clone();
    replace(graph, node, map, &inputs);
    let to = |v: Value| if v.node as usize == node { Value { out: moved[v.out as usize], ..v } } else { v };
    graph.map_values(to);
}

/// Lets a node be a map of such inputs, less the steps that no result needs and the inputs that nothing does.
pub(super) fn replace(graph: &mut Graph, node: usize, map: Map, inputs: &[Value]) {
    let mut used: Vec<Value> = vec![];
    let mut steps = Steps::default();
    let mut read = |arg| match arg {
        Arg::Input(i) => Some(Arg::Input(position(&mut used, inputs[i as usize]) as u32)),
        _ => None,
    };
    for s in needed(&map, map.results.iter().map(|y| y.arg), &HashMap::new()) {
        steps.push(s, &map.steps[s as usize], &mut read);
    }
    let results =
        map.results.iter().map(|y| Output { arg: steps.place(y.arg, &mut read), ..y.clone() }).collect();
    let types = used.iter().map(|&v| graph.ty(v).clone()).collect();
    let map = Map { shape: map.shape, inputs: types, steps: steps.list, results };
    let node = &mut graph.nodes[node];
    (node.types, node.inputs) = (map.types(), used);
    node.op = Op::Fused(Fused::Map(Arc::new(map)));
}
