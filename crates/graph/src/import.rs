//! The graph as TypeScript writes it: one array of integers, with ops and types interned. The same
//! array means the same computation, so it is the key of the plan cache.

use crate::builder::{Builder, Sym};
use crate::graph::{Assign, Graph, Leaf, LeafKind};
use crate::ops::Op;
use fovea_core::{DType, Error, Result, TensorType};
use std::collections::HashMap;

/// Numbers for ops and types, given out once and never taken back: there are as many as there are
/// different layers and shapes.
#[derive(Default)]
pub struct Interner {
    ops: Vec<Op>,
    op_ids: HashMap<(String, String), u32>,
    types: Vec<TensorType>,
    type_ids: HashMap<TensorType, u32>,
    inferred: HashMap<(u32, Vec<u32>), Vec<u32>>,
}

impl Interner {
    /// The number of an op with its attributes in JSON.
    pub fn op(&mut self, name: &str, json: &str) -> Result<u32> {
        let key = (name.to_owned(), json.to_owned());
        if let Some(&id) = self.op_ids.get(&key) {
            return Ok(id);
        }
        let op = Op::parse(name, json)?;
        let id = self.ops.len() as u32;
        self.ops.push(op);
        self.op_ids.insert(key, id);
        Ok(id)
    }

    /// The number of a type.
    pub fn ty(&mut self, ty: TensorType) -> Result<u32> {
        ty.check_size()?;
        if let Some(&id) = self.type_ids.get(&ty) {
            return Ok(id);
        }
        let id = self.types.len() as u32;
        self.types.push(ty.clone());
        self.type_ids.insert(ty, id);
        Ok(id)
    }

    /// The type behind a number.
    pub fn describe(&self, id: u32) -> Result<&TensorType> {
        self.types.get(id as usize).ok_or_else(|| Error::argument(format!("there is no type number {id}")))
    }

    fn op_of(&self, id: u32) -> Result<&Op> {
        self.ops.get(id as usize).ok_or_else(|| Error::argument(format!("there is no op number {id}")))
    }

    /// The types of an op's outputs, by numbers; remembered.
    pub fn infer(&mut self, op: u32, inputs: &[u32]) -> Result<Vec<u32>> {
        let key = (op, inputs.to_vec());
        if let Some(types) = self.inferred.get(&key) {
            return Ok(types.clone());
        }
        let types = inputs.iter().map(|&t| self.describe(t).cloned()).collect::<Result<Vec<_>>>()?;
        let out = self.op_of(op)?.infer(&types)?;
        let ids = out.into_iter().map(|t| self.ty(t)).collect::<Result<Vec<_>>>()?;
        self.inferred.insert(key, ids.clone());
        Ok(ids)
    }

    /// Builds the graph that `words` describes, with composites and gradients expanded.
    ///
    /// Format: leaves (count, then kind and type of each), nodes (count, then op, number of inputs
    /// and input values of each), outputs (count, values), assignments (count, then leaf and value
    /// of each), guard value or -1. Leaf `i` is value `i`; a node's outputs follow in order.
    pub fn decode(&self, words: &[i32]) -> Result<Graph> {
        let mut r = Reader { words, at: 0 };
        let b = Builder::new();
        let mut values: Vec<Sym> = Vec::new();
        let leaves = r.count()?;
        for _ in 0..leaves {
            let kind = match r.next()? {
                0 => LeafKind::Input,
                1 => LeafKind::Variable,
                k => return Err(Error::argument(format!("graph: there is no kind of leaf {k}"))),
            };
            let ty = self.describe(r.index()?)?.clone();
            if ty.shape.known().is_none() {
                return Err(Error::shape(format!("a graph of unknown shape ({ty}) cannot be computed")));
            }
            values.push(b.leaf(Leaf { kind, ty }));
        }
        for node in 0..r.count()? {
            b.set_origin(node);
            let op = self.op_of(r.index()?)?;
            let count = r.count()?;
            let inputs = (0..count).map(|_| r.value(&values)).collect::<Result<Vec<_>>>()?;
            let outputs = b.apply(op.clone(), &inputs);
            if let Some(e) = b.take_error() {
                return Err(e);
            }
            values.extend(outputs);
        }
        let count = r.count()?;
        let outputs = (0..count).map(|_| Ok(r.value(&values)?.value)).collect::<Result<_>>()?;
        let count = r.count()?;
        let assign = |r: &mut Reader| Ok(Assign { leaf: r.index()?, value: r.value(&values)?.value });
        let assigns: Vec<Assign> = (0..count).map(|_| assign(&mut r)).collect::<Result<_>>()?;
        let guard = match r.next()? {
            -1 => None,
            _ => {
                r.at -= 1;
                Some(r.value(&values)?)
            }
        };
        if let Some(ty) = guard.map(Sym::ty).filter(|ty| !ty.dtype.is_float() || ty.elements() != 1) {
            return Err(Error::argument(format!("the loss must be one float32 number, received {ty}")));
        }
        // What tests it reads float32.
        let guard = guard.map(|loss| loss.cast(DType::F32).value);
        drop(values);
        for a in &assigns {
            check_assign(&b, a)?;
        }
        b.finish(outputs, assigns, guard)
    }
}

fn check_assign(b: &Builder, a: &Assign) -> Result<()> {
    let Some(leaf) = b.leaf_of(a.leaf).filter(|l| l.kind == LeafKind::Variable) else {
        return Err(Error::argument(format!("graph: leaf {} is assigned, but is no variable", a.leaf)));
    };
    match b.ty(a.value) {
        ty if ty == leaf.ty => Ok(()),
        ty => Err(Error::shape(format!(
            "a variable of type {} cannot be assigned a value of type {ty}",
            leaf.ty
        ))),
    }
}

struct Reader<'a> {
    words: &'a [i32],
    at: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Result<i32> {
        let word = self.words.get(self.at).copied();
        self.at += 1;
        word.ok_or_else(|| Error::argument("graph: the array ends too early"))
    }

    fn index(&mut self) -> Result<u32> {
        let word = self.next()?;
        u32::try_from(word).map_err(|_| Error::argument(format!("graph: {word} is not a number of anything")))
    }

    /// A count, at most the words that are left.
    fn count(&mut self) -> Result<u32> {
        let n = self.index()?;
        if n as usize > self.words.len() {
            return Err(Error::argument("graph: the array ends too early"));
        }
        Ok(n)
    }

    fn value<'b>(&mut self, values: &[Sym<'b>]) -> Result<Sym<'b>> {
        let v = self.index()?;
        values
            .get(v as usize)
            .copied()
            .ok_or_else(|| Error::argument(format!("graph: there is no value {v}")))
    }
}
