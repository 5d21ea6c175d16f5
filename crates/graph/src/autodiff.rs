//! Gradients as a graph transform: walks from the loss to its leaves and emits, node by node, what
//! each op's `vjp` says. The result is made of ordinary nodes, so it can be differentiated again.

use crate::builder::{Builder, Sym};
use crate::graph::Value;
use crate::ops::{BroadcastTo, Op, Reduce, ReduceKind, Reshape};
use fovea_core::{Error, Result, Shape, TensorType};
use std::collections::HashMap;

/// The node that `gradients(loss, wrt)` makes: inputs are the loss and then each `wrt`; outputs are
/// the gradients, of the types of `wrt`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct GradOp;

impl GradOp {
    pub const NAME: &'static str = "gradients";

    pub fn infer(self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let (loss, wrt) = x.split_first().ok_or_else(|| Error::argument("gradients: there is no loss"))?;
        match x.iter().find(|t| !t.dtype.is_float()) {
            None => Ok(wrt.to_vec()),
            Some(_) if !loss.dtype.is_float() => Err(Error::argument(format!(
                "gradients: the loss must be float32, received {loss}. Cast it first."
            ))),
            Some(t) => Err(Error::argument(format!(
                "gradients: only float32 tensors have gradients, received one with respect to {t}"
            ))),
        }
    }
}

/// The node behind a custom gradient: inputs are a value, the gradient of the loss with respect to it
/// and then each `wrt`; outputs are what the gradient contributes to those, of their types.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct VjpOp;

impl VjpOp {
    pub const NAME: &'static str = "vjp";

    pub fn infer(self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [value, upstream, wrt @ ..] = x else {
            return Err(Error::argument("vjp: expected a value and its gradient"));
        };
        if value != upstream {
            return Err(Error::shape(format!(
                "vjp: the gradient must be as its tensor, {value}; received {upstream}"
            )));
        }
        GradOp.infer(&[std::slice::from_ref(value), wrt].concat())
    }
}

/// What an op's `vjp` is given: the node's values and the gradients of its outputs.
pub struct Grad<'b> {
    pub b: &'b Builder,
    inputs: Vec<Sym<'b>>,
    outputs: Vec<Sym<'b>>,
    upstream: Vec<Option<Sym<'b>>>,
    wanted: Vec<bool>,
    result: Vec<Option<Sym<'b>>>,
}

impl<'b> Grad<'b> {
    pub fn input(&self, i: usize) -> Sym<'b> {
        self.inputs[i]
    }

    pub fn output(&self, i: usize) -> Sym<'b> {
        self.outputs[i]
    }

    pub fn input_count(&self) -> usize {
        self.inputs.len()
    }

    /// The gradient of output `i`: zeros if the loss does not use it.
    pub fn upstream(&self, i: usize) -> Sym<'b> {
        self.upstream[i].unwrap_or_else(|| zeros_like(self.outputs[i]))
    }

    /// Whether the gradient of input `i` leads anywhere; where not, it need not be set.
    pub fn wanted(&self, i: usize) -> bool {
        self.wanted[i]
    }

    /// Says the gradient of input `i`, which has the input's shape.
    pub fn set(&mut self, i: usize, gradient: Sym<'b>) {
        if self.wanted[i] {
            self.result[i] = Some(gradient);
        }
    }
}

impl<'b> Sym<'b> {
    /// Applies a one-input op.
    pub fn apply(self, op: impl Into<Op>) -> Sym<'b> {
        self.b.one(op, &[self])
    }

    /// This value repeated to a shape it broadcasts to.
    pub fn broadcast_to(self, shape: &Shape) -> Sym<'b> {
        if self.shape() == *shape { self } else { self.apply(BroadcastTo::to(shape)) }
    }

    /// The sum over some axes, which stay as sides of 1.
    pub fn sum_keep(self, axes: &[usize]) -> Sym<'b> {
        if axes.is_empty() {
            return self;
        }
        self.apply(Reduce {
            kind: ReduceKind::Sum,
            axes: axes.iter().map(|&a| a as i64).collect(),
            keepdims: true,
        })
    }
}

fn zeros_like(x: Sym<'_>) -> Sym<'_> {
    x.number(0.0).broadcast_to(&x.shape())
}

/// Sums a gradient over the axes along which its operand was repeated.
pub(crate) fn sum_to<'b>(g: Sym<'b>, shape: &Shape) -> Sym<'b> {
    let from = g.shape();
    if from == *shape {
        return g;
    }
    let extra = from.rank().saturating_sub(shape.rank());
    let repeated = |&i: &usize| i < extra || shape[i - extra] != from[i];
    let axes: Vec<usize> = (0..from.rank()).filter(repeated).collect();
    let summed = g.sum_keep(&axes);
    if summed.shape() == *shape { summed } else { summed.apply(Reshape::to(shape)) }
}

/// Expands a [`GradOp`]: `inputs` are the loss and what to differentiate with respect to.
pub(crate) fn expand<'b>(b: &'b Builder, inputs: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let types: Vec<TensorType> = inputs.iter().map(|s| s.ty()).collect();
    GradOp.infer(&types)?;
    let (loss, wrt) = (inputs[0], &inputs[1..]);
    // A loss that is no scalar is summed.
    let seed = loss.number(1.0).broadcast_to(&loss.shape());
    pull(b, loss, seed, wrt)
}

/// Expands a [`VjpOp`]: `inputs` are a value, its gradient and what to differentiate with respect to.
pub(crate) fn expand_vjp<'b>(b: &'b Builder, inputs: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let types: Vec<TensorType> = inputs.iter().map(|s| s.ty()).collect();
    VjpOp.infer(&types)?;
    pull(b, inputs[0], inputs[1], &inputs[2..])
}

/// What a gradient `seed` of a value contributes to the gradients of `wrt`.
fn pull<'b>(b: &'b Builder, loss: Sym<'b>, seed: Sym<'b>, wrt: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let leads = leads_to(b, loss.value.node, wrt);
    let mut adjoint: HashMap<Value, Sym<'b>> = HashMap::from([(loss.value, seed)]);
    for node in (0..=loss.value.node).rev().filter(|&n| leads[n as usize]) {
        let (op, node_inputs) = b.node(node);
        let outputs: Vec<Sym<'b>> = outputs_of(b, node);
        let upstream: Vec<Option<Sym<'b>>> = outputs.iter().map(|y| adjoint.get(&y.value).copied()).collect();
        if upstream.iter().all(Option::is_none) {
            continue;
        }
        b.set_origin(b.origin(node));
        let wanted: Vec<bool> =
            node_inputs.iter().map(|v| leads[v.node as usize] && b.ty(*v).dtype.is_float()).collect();
        let x: Vec<Sym<'b>> = node_inputs.iter().map(|&v| b.sym(v)).collect();
        for (v, g) in node_inputs.iter().zip(vjp(b, &op, x, outputs, upstream, &wanted)?) {
            if let Some(g) = g {
                // A rule may count in float32 what is bfloat16.
                let g = g.cast(b.ty(*v).dtype);
                adjoint.entry(*v).and_modify(|sum| *sum = *sum + g).or_insert(g);
            }
        }
    }
    Ok(wrt.iter().map(|x| adjoint.get(&x.value).copied().unwrap_or_else(|| zeros_like(*x))).collect())
}

/// For each node up to `last`, whether it depends on one of `wrt`.
fn leads_to(b: &Builder, last: u32, wrt: &[Sym<'_>]) -> Vec<bool> {
    let mut leads = vec![false; last as usize + 1];
    for x in wrt {
        if let Some(l) = leads.get_mut(x.value.node as usize) {
            *l = true;
        }
    }
    b.for_each_forwards(last, |node, inputs| {
        leads[node as usize] |= inputs.iter().any(|v| leads[v.node as usize]);
    });
    leads
}

fn outputs_of(b: &Builder, node: u32) -> Vec<Sym<'_>> {
    (0..b.output_count(node)).map(|out| b.sym(Value { node, out })).collect()
}

fn vjp<'b>(
    b: &'b Builder,
    op: &Op,
    x: Vec<Sym<'b>>,
    y: Vec<Sym<'b>>,
    upstream: Vec<Option<Sym<'b>>>,
    wanted: &[bool],
) -> Result<Vec<Option<Sym<'b>>>> {
    match op {
        Op::Leaf(_) | Op::Constant(_) => Ok(vec![]),
        Op::Elementwise(ew) => match upstream[0] {
            Some(g) => Ok(ew.vjp(&x, y[0], g, wanted)),
            None => Ok(vec![None; x.len()]),
        },
        Op::Kernel(kernel) => {
            let result = vec![None; x.len()];
            let mut grad = Grad { b, inputs: x, outputs: y, upstream, wanted: wanted.to_vec(), result };
            kernel.vjp(&mut grad)?;
            Ok(grad.result)
        }
        Op::Composite(_) | Op::Grad(_) | Op::Vjp(_) | Op::Fused(_) => {
            Err(Error::internal(format!("{} reached autodiff", op.name())))
        }
    }
}
