//! Channels that are scaled and shifted after a convolution or product, as batch normalisation does with
//! kept statistics: the scales join the weights, and the shifts become one bias, which the epilogue
//! takes. Work over the weights and the channels replaces a pass over all activations.

use super::rewrite::Rewrite;
use crate::dependence::Dependence;
use crate::elementwise::Ew;
use crate::graph::{Graph, Value};
use crate::ops::{Kernel, MatMul, Op};
use fovea_core::{Shape, TensorType};

/// A product and what is done to each of its channels, each step read by the next alone.
struct Chain {
    product: usize,
    /// The operation and its other operand: one number for each channel.
    steps: Vec<(Ew, Value)>,
}

impl Chain {
    /// The node as the beginning of a chain, if it is a product whose last axis is that of its weights.
    fn begin(node: usize, op: &Op) -> Option<Chain> {
        let by_columns =
            matches!(op, Op::Kernel(Kernel::Conv2d(_) | Kernel::MatMul(MatMul { transpose_b: false, .. })));
        by_columns.then(|| Chain { product: node, steps: vec![] })
    }

    /// Whether it saves more elements than it costs: where `lasting` says that all of it is made of variables
    /// and kept, it costs nothing.
    fn pays(&self, graph: &Graph, lasting: &[bool]) -> bool {
        let product = &graph.nodes[self.product];
        let channels = product.types[0].sizes().last().copied().unwrap_or(1);
        // A bias alone joins the epilogue as it is.
        let folds = match self.steps[..] {
            [] => false,
            [(Ew::Add, bias)] => graph.ty(bias).rank() > 1,
            _ => true,
        };
        let scales = self.steps.iter().any(|&(op, _)| op == Ew::Mul);
        let weights = if scales { graph.ty(product.inputs[1]).elements() } else { 0 };
        let lasts = |v: Value| lasting.get(v.node as usize).is_some_and(|&lasts| lasts);
        let kept = lasts(product.inputs[1]) && self.steps.iter().all(|&(_, by)| lasts(by));
        folds && (kept || weights + channels < product.types[0].elements())
    }
}

/// Lets scales and shifts of channels join the weights and the bias of the product before them, where
/// nothing else reads it. `keeps` says whether runs keep what they make of variables.
pub(super) fn fold(graph: Graph, keeps: bool) -> Graph {
    let lasting = if keeps { Dependence::of(&graph).lasting } else { vec![] };
    let chains = chains(&graph);
    let mut rewrite = Rewrite::of(&graph);
    for (i, chain) in chains.iter().enumerate() {
        match chain {
            Some(chain) if chain.pays(&graph, &lasting) => rewrite.fold(chain),
            _ => rewrite.keep(i),
        }
    }
    rewrite.done()
}

/// For each node, the chain that ends there.
fn chains(graph: &Graph) -> Vec<Option<Chain>> {
    let uses = graph.uses();
    let assigned = graph.assigned();
    let mut chains: Vec<Option<Chain>> = Vec::with_capacity(graph.nodes.len());
    for (i, node) in graph.nodes.iter().enumerate() {
        let ends = match node.op {
            Op::Elementwise(op) if !assigned[i] => {
                let operands = sides(op, &node.inputs).into_iter().find(|&(before, by)| {
                    chains[before.node as usize].is_some()
                        && uses[before.node as usize] == 1
                        && graph.ty(before) == &node.types[0]
                        && is_row(graph.ty(by), &node.types[0])
                });
                operands.and_then(|(before, by)| {
                    let mut chain = chains[before.node as usize].take()?;
                    chain.steps.push((op, by));
                    Some(chain)
                })
            }
            _ => Chain::begin(i, &node.op),
        };
        chains.push(ends);
    }
    chains
}

/// What an operation may scale or shift, and by what.
fn sides(op: Ew, inputs: &[Value]) -> Vec<(Value, Value)> {
    match (op, inputs) {
        (Ew::Add | Ew::Mul, &[a, b]) => vec![(a, b), (b, a)],
        (Ew::Sub, &[a, b]) => vec![(a, b)],
        _ => vec![],
    }
}

/// Whether these are one number for each channel of `y`, its last axis.
fn is_row(ty: &TensorType, y: &TensorType) -> bool {
    let (sizes, of) = (ty.sizes(), y.sizes());
    ty.dtype == y.dtype
        && sizes.len() <= of.len()
        && sizes.last() == of.last()
        && sizes.iter().rev().skip(1).all(|&side| side == 1)
}

impl Rewrite<'_> {
    /// Writes the product with scaled weights, and its bias, in place of the chain's last node.
    fn fold(&mut self, chain: &Chain) {
        let product = &self.graph.nodes[chain.product];
        self.origin = product.origin;
        let y = &product.types[0];
        let channels = y.sizes().last().copied().unwrap_or(1);
        // All in one shape, so that everything about channels runs in one pass.
        let row = row(y, y.rank(), channels);
        let (mut scale, mut shift) = (None, None);
        for &(op, by) in &chain.steps {
            let by = self.shaped(self.to(by), self.graph.ty(by), &row);
            if op == Ew::Mul {
                scale = Some(self.join(op, scale, by, &row));
                shift = shift.map(|shift| self.join(op, Some(shift), by, &row));
            } else {
                shift = Some(self.join(op, shift, by, &row));
            }
        }
        let weights_type = self.graph.ty(product.inputs[1]);
        let (x, mut weights) = (self.to(product.inputs[0]), self.to(product.inputs[1]));
        if let Some(scale) = scale {
            let columns = self::row(y, weights_type.rank(), channels);
            let scale = self.shaped(scale, &row, &columns);
            weights = self.push(Op::Elementwise(Ew::Mul), vec![weights, scale], weights_type.clone());
        }
        let mut end = self.push(product.op.clone(), vec![x, weights], y.clone());
        if let Some(shift) = shift {
            let bias = self.shaped(shift, &row, &self::row(y, 1, channels));
            end = self.push(Op::Elementwise(Ew::Add), vec![end, bias], y.clone());
        }
        self.replace(end);
    }

    /// `a` and then a step; the step alone if there was nothing before.
    fn join(&mut self, op: Ew, a: Option<Value>, by: Value, row: &TensorType) -> Value {
        match (op, a) {
            (_, Some(a)) => self.push(Op::Elementwise(op), vec![a, by], row.clone()),
            (Ew::Sub, None) => self.push(Op::Elementwise(Ew::Neg), vec![by], row.clone()),
            (_, None) => by,
        }
    }
}

/// The type of one number for each channel of `y`, with so many axes.
fn row(y: &TensorType, rank: usize, channels: usize) -> TensorType {
    let sizes: Vec<usize> = (1..rank).map(|_| 1).chain([channels]).collect();
    TensorType::new(y.dtype, Shape::of(&sizes))
}
