use crate::compose::Composite;
use crate::elementwise::{Ew, Scalar};
use crate::graph::{Assign, Graph, Leaf, Node, Value};
use crate::ops::Op;
use fovea_core::{DType, Error, Result, Shape, TensorType};
use std::cell::RefCell;
use std::collections::HashMap;

/// Builds a graph of kernel and elementwise ops: equal nodes become one, composites are expanded,
/// operands of elementwise ops are promoted.
///
/// The first error is kept and reported by [`Builder::finish`], so that formulas can be written
/// with operators: `(a - b) * g`.
#[derive(Default)]
pub struct Builder {
    inner: RefCell<Inner>,
}

/// No op but a gradient has more outputs.
const MOST_OUTPUTS: usize = 4;

#[derive(Default)]
struct Inner {
    leaves: Vec<Leaf>,
    nodes: Vec<Node>,
    known: HashMap<(Op, Vec<Value>), u32>,
    error: Option<Error>,
    origin: u32,
}

/// A value under construction, with arithmetic.
#[derive(Clone, Copy)]
pub struct Sym<'b> {
    pub b: &'b Builder,
    pub value: Value,
}

impl Builder {
    pub fn new() -> Builder {
        Builder::default()
    }

    /// What follows is made for node `origin` of the caller's graph.
    pub fn set_origin(&self, origin: u32) {
        self.inner.borrow_mut().origin = origin;
    }

    pub fn leaf(&self, leaf: Leaf) -> Sym<'_> {
        let index = {
            let mut inner = self.inner.borrow_mut();
            inner.leaves.push(leaf.clone());
            inner.leaves.len() as u32 - 1
        };
        self.push(Op::Leaf(index), vec![], vec![leaf.ty])
    }

    /// The leaf of a number, if there is one.
    pub(crate) fn leaf_of(&self, index: u32) -> Option<Leaf> {
        self.inner.borrow().leaves.get(index as usize).cloned()
    }

    /// A number of a dtype; rank 0.
    pub fn constant(&self, dtype: DType, value: f64) -> Sym<'_> {
        let ty = TensorType::new(dtype, Shape::default());
        self.push(Op::Constant(Scalar::new(dtype, value)), vec![], vec![ty])
    }

    pub fn sym(&self, value: Value) -> Sym<'_> {
        Sym { b: self, value }
    }

    pub fn ty(&self, v: Value) -> TensorType {
        self.inner.borrow().nodes[v.node as usize].types[v.out as usize].clone()
    }

    /// Applies an op that has one output.
    pub fn one<'b>(&'b self, op: impl Into<Op>, inputs: &[Sym<'b>]) -> Sym<'b> {
        self.apply(op, inputs)[0]
    }

    /// Applies an op and gives its outputs.
    pub fn apply<'b>(&'b self, op: impl Into<Op>, inputs: &[Sym<'b>]) -> Vec<Sym<'b>> {
        let op = op.into();
        match self.try_apply(&op, inputs) {
            Ok(outputs) => outputs,
            Err(e) => {
                let mut inner = self.inner.borrow_mut();
                let origin = inner.origin;
                inner.error.get_or_insert(e.at(origin));
                drop(inner);
                // Something to go on with until `finish` reports the error.
                let stand_in = self.constant(DType::F32, f64::NAN);
                vec![stand_in; inputs.len().max(MOST_OUTPUTS)]
            }
        }
    }

    fn try_apply<'b>(&'b self, op: &Op, inputs: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
        match op {
            Op::Composite(composite) => composite.expand(self, inputs),
            Op::Grad(_) => crate::autodiff::expand(self, inputs),
            Op::Vjp(_) => crate::autodiff::expand_vjp(self, inputs),
            Op::Elementwise(ew) => {
                let promoted = ew.promote(inputs)?;
                self.push_inferred(Op::Elementwise(*ew), &promoted)
            }
            _ => match crate::simplify::rewrite(self, op, inputs) {
                Some(better) => Ok(better),
                None => self.push_inferred(op.clone(), inputs),
            },
        }
    }

    fn push_inferred<'b>(&'b self, op: Op, inputs: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
        let types: Vec<TensorType> = inputs.iter().map(|s| s.ty()).collect();
        let out = op.infer(&types)?;
        let count = out.len() as u32;
        let first = self.push(op, inputs.iter().map(|s| s.value).collect(), out);
        Ok((0..count).map(|out| self.sym(Value { out, ..first.value })).collect())
    }

    fn push(&self, op: Op, inputs: Vec<Value>, types: Vec<TensorType>) -> Sym<'_> {
        let mut inner = self.inner.borrow_mut();
        let next = inner.nodes.len() as u32;
        let key = (op, inputs);
        let node = *inner.known.entry(key.clone()).or_insert(next);
        if node == next {
            let origin = inner.origin;
            let (op, inputs) = key;
            inner.nodes.push(Node { op, inputs, types, origin });
        }
        Sym { b: self, value: Value { node, out: 0 } }
    }

    /// A node's op and inputs.
    pub fn node(&self, node: u32) -> (Op, Vec<Value>) {
        let inner = self.inner.borrow();
        let n = &inner.nodes[node as usize];
        (n.op.clone(), n.inputs.clone())
    }

    pub fn origin(&self, node: u32) -> u32 {
        self.inner.borrow().nodes[node as usize].origin
    }

    /// Calls `f` with the inputs of each node up to `last`, in order.
    pub(crate) fn for_each_forwards(&self, last: u32, mut f: impl FnMut(u32, &[Value])) {
        let inner = self.inner.borrow();
        for (i, n) in inner.nodes.iter().enumerate().take(last as usize + 1) {
            f(i as u32, &n.inputs);
        }
    }

    pub(crate) fn output_count(&self, node: u32) -> u32 {
        self.inner.borrow().nodes[node as usize].types.len() as u32
    }

    /// The graph, or the first error.
    pub fn finish(self, outputs: Vec<Value>, assigns: Vec<Assign>, guard: Option<Value>) -> Result<Graph> {
        let inner = self.inner.into_inner();
        match inner.error {
            Some(e) => Err(e),
            None => Ok(Graph { leaves: inner.leaves, nodes: inner.nodes, outputs, assigns, guard }),
        }
    }

    /// The first error so far, for [`Composite`] shape inference.
    pub(crate) fn take_error(&self) -> Option<Error> {
        self.inner.borrow_mut().error.take()
    }
}

impl<'b> Sym<'b> {
    pub fn ty(self) -> TensorType {
        self.b.ty(self.value)
    }

    pub fn shape(self) -> Shape {
        self.ty().shape
    }

    pub fn dtype(self) -> DType {
        self.ty().dtype
    }

    /// A number of this value's dtype.
    pub fn number(self, value: f64) -> Sym<'b> {
        self.b.constant(self.dtype(), value)
    }

    pub fn map(self, op: Ew) -> Sym<'b> {
        self.b.one(Op::Elementwise(op), &[self])
    }

    pub fn zip(self, op: Ew, other: Sym<'b>) -> Sym<'b> {
        self.b.one(Op::Elementwise(op), &[self, other])
    }

    pub fn cast(self, dtype: DType) -> Sym<'b> {
        if self.dtype() == dtype { self } else { self.map(Ew::Cast(dtype)) }
    }

    /// This value where `mask` is true, else 0.
    pub fn masked(self, mask: Sym<'b>) -> Sym<'b> {
        self.b.one(Op::Elementwise(Ew::Where), &[mask, self, self.number(0.0)])
    }

    pub fn compose(self, op: impl Into<Composite>) -> Sym<'b> {
        self.b.one(Op::Composite(op.into()), &[self])
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $op:ident),*) => {$(
        impl<'b> std::ops::$trait for Sym<'b> {
            type Output = Sym<'b>;
            fn $method(self, other: Sym<'b>) -> Sym<'b> { self.zip(Ew::$op, other) }
        }
        impl<'b> std::ops::$trait<f64> for Sym<'b> {
            type Output = Sym<'b>;
            fn $method(self, other: f64) -> Sym<'b> { self.zip(Ew::$op, self.number(other)) }
        }
        impl<'b> std::ops::$trait<Sym<'b>> for f64 {
            type Output = Sym<'b>;
            fn $method(self, other: Sym<'b>) -> Sym<'b> { other.number(self).zip(Ew::$op, other) }
        }
    )*};
}
operators!(Add add Add, Sub sub Sub, Mul mul Mul, Div div Div);

impl<'b> std::ops::Neg for Sym<'b> {
    type Output = Sym<'b>;
    fn neg(self) -> Sym<'b> {
        self.map(Ew::Neg)
    }
}
