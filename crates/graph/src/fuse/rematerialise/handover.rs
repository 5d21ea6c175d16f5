//! Values that a map hands to later maps in several forms, each a few cheap steps behind one value: a gradient
//! times the scales of two normalisations, or widened. It hands over that value instead, once and as narrow
//! as it is, and the later maps take the steps.

use super::{Recipe, drop_unread, inline, is_cheap, map_of, map_readers, recipe};
use crate::fuse::Fused;
use crate::fuse::map::{Arg, Map, Output, Step};
use crate::graph::{Graph, Value};
use crate::ops::Op;
use fovea_core::{Shape, TensorType};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Lets maps hand over what is the least to write; a map gets at most so many operands.
pub(in crate::fuse) fn hand_over_less(mut graph: Graph, most_operands: usize) -> Graph {
    for node in 0..graph.nodes.len() {
        let Some(map) = map_of(&graph, node) else { continue };
        let mut forms: BTreeMap<u32, Vec<Value>> = BTreeMap::new();
        for (out, result) in map.results.iter().enumerate() {
            let value = Value { node: node as u32, out: out as u32 };
            if let (Arg::Step(step), Some(_)) = (result.arg, map_readers(&graph, value)) {
                forms.entry(source(map, step)).or_default().push(value);
            }
        }
        for (source, values) in forms {
            hand_over(&mut graph, node, source, &values, most_operands);
        }
        drop_unread(&mut graph, node);
    }
    graph
}

/// The step whose result is all that a step needs of the map's shape, through as many steps as it can be
/// taken back without becoming larger.
fn source(map: &Map, mut step: u32) -> u32 {
    let bytes = |s: u32| map.steps[s as usize].result.size();
    let mut least = step;
    loop {
        let Step { op, args, .. } = &map.steps[step as usize];
        let mut large = args.iter().filter(|arg| match arg {
            Arg::Input(i) => map.aligned(*i as usize),
            Arg::Constant(_) => false,
            Arg::Step(_) => true,
        });
        match (large.next(), large.next()) {
            (Some(&Arg::Step(before)), None) if is_cheap(*op) => step = before,
            _ => return least,
        }
        if bytes(step) <= bytes(least) {
            least = step;
        }
    }
}

/// Lets a map hand over a step's result in place of some of its own, if that is less and all who read them
/// can take the steps between.
fn hand_over(graph: &mut Graph, node: usize, source: u32, values: &[Value], most_operands: usize) {
    let Some(map) = map_of(graph, node) else { return };
    let ty = TensorType::new(map.steps[source as usize].result, Shape::of(&map.shape));
    let written =
        map.results.iter().position(|result| result.total.is_none() && result.arg == Arg::Step(source));
    let whole = written.map_or(values[0], |out| Value { node: node as u32, out: out as u32 });
    let for_others = written.is_some() && !values.contains(&whole);
    let after = if for_others { 0 } else { ty.bytes() };
    if after >= values.iter().map(|&value| graph.ty(value).bytes()).sum() {
        return;
    }
    let forms = values.iter().filter(|&&value| written.is_none() || value != whole);
    let ways: Option<Vec<Way>> =
        forms.map(|&value| way(graph, value, source, whole, most_operands)).collect();
    let Some(ways) = ways else { return };
    if written.is_none() {
        let mut map = map.clone();
        map.results[whole.out as usize] = Output { arg: Arg::Step(source), ty, total: None };
        graph.nodes[node].types = map.types();
        graph.nodes[node].op = Op::Fused(Fused::Map(Arc::new(map)));
    }
    // `whole` stands first if it is one of them: what later ones read of it is meant as it is now.
    for (value, readers, recipe) in ways {
        readers.iter().for_each(|&reader| inline(graph, reader, value, &recipe));
    }
}

/// A value, the maps that read it, and how these compute it.
type Way = (Value, Vec<usize>, Recipe);

/// How the readers of a map's result compute it from that of step `source`, which is handed over as `whole`.
fn way(graph: &Graph, value: Value, source: u32, whole: Value, most_operands: usize) -> Option<Way> {
    let node = value.node as usize;
    let readers = map_readers(graph, value)?;
    let kept = HashMap::from([(source, whole.out)]);
    let recipe = recipe(&graph.nodes[node], map_of(graph, node)?, value, &kept)?;
    recipe.pays(graph, value, &readers, most_operands).then_some((value, readers, recipe))
}
