//! Matrix multiplication over the last two sides, for every matrix of a batch.
//!
//! Inputs: a `[..., m, k]` and b `[..., k, n]`, each with its last two sides swapped if it is
//! transposed; output `[..., m, n]`. The leading sides are equal, or one operand is a single matrix
//! that all of the batch share.

#[cfg(test)]
mod checked;
mod gpu;

use super::Reshape;
use super::window::{alike, float};
use crate::autodiff::{Grad, sum_to};
use crate::builder::Sym;
use crate::explain::Explanation;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use fovea_core::{Dim, Error, Result, Shape, TensorType};
use fovea_kernels::gemm::{self, Epilogue, GemmSpec};
use fovea_kernels::routine::Floats;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MatMul {
    pub transpose_a: bool,
    pub transpose_b: bool,
}

impl Operator for MatMul {
    const NAME: &'static str = "matmul";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [a, b] = arity(Self::NAME, x)?;
        let (batch_a, [m, ka]) = split("first operand", &a, self.transpose_a)?;
        let (batch_b, [kb, n]) = split("second operand", &b, self.transpose_b)?;
        alike(Self::NAME, &a, &b)?;
        if ka != kb {
            return Err(self.mismatch("the inner sides differ", &a, &b));
        }
        let batch = match (batch_a, batch_b) {
            (a, []) => a,
            ([], b) => b,
            (a, b) if a == b => a,
            _ => return Err(self.mismatch("the batch sides differ", &a, &b)),
        };
        let shape: Shape = batch.iter().copied().chain([m, n]).collect();
        Ok(vec![TensorType::new(a.dtype, shape)])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let (a, b, dy) = (g.input(0), g.input(1), g.upstream(0));
        let MatMul { transpose_a, transpose_b } = *self;
        if g.wanted(0) {
            let da = match transpose_a {
                false => matmul(dy, b, false, !transpose_b),
                true => matmul(b, dy, transpose_b, true),
            };
            g.set(0, sum_to(da, &a.shape()));
        }
        if g.wanted(1) {
            // A weight that a batch of plain matrices shares: its gradient is one product over all
            // of their rows, with no batch of partial gradients in between.
            let (a, dy) = match b.shape().rank() == 2 && !transpose_a {
                true => (rows(a), rows(dy)),
                false => (a, dy),
            };
            let db = match transpose_b {
                false => matmul(a, dy, !transpose_a, false),
                true => matmul(dy, a, true, transpose_a),
            };
            g.set(1, sum_to(db, &b.shape()));
        }
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        self.lower(cx, Epilogue::default())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        self.shade(cx, Epilogue::default())
    }
}

impl MatMul {
    /// The product and what follows it, whose operands are the inputs after the factors.
    pub(crate) fn lower(&self, cx: &mut Lower, epilogue: Epilogue) -> Result<()> {
        let spec = self.lowered(&cx.input_sizes(0), &cx.input_sizes(1), epilogue);
        let spec = GemmSpec { floats: cx.floats(), ..spec };
        let (routine, how) = gemm::product(cx.isa, spec);
        let explanation = Explanation { op: Self::NAME, sizes: &spec, floats: spec.floats, how: &how };
        // SAFETY: the operands have the sizes of the specification, made from their types.
        unsafe { cx.planned(&explanation, epilogue, None, routine) };
        Ok(())
    }

    /// The product as the kernels want it, from the sizes of the operands.
    pub(crate) fn lowered(&self, a: &[usize], b: &[usize], epilogue: Epilogue) -> GemmSpec {
        let (batch_a, [m, k]) = matrices(a, self.transpose_a);
        let (batch_b, [_, n]) = matrices(b, self.transpose_b);
        let spec = GemmSpec {
            m,
            n,
            k,
            batch: if batch_a.is_empty() { batch_b } else { batch_a }.iter().product(),
            a_transposed: self.transpose_a,
            b_transposed: self.transpose_b,
            a_batched: !batch_a.is_empty(),
            b_batched: !batch_b.is_empty(),
            epilogue,
            floats: Floats::F32,
        };
        spec.merged()
    }

    fn mismatch(&self, why: &str, a: &TensorType, b: &TensorType) -> Error {
        let t = |transposed| if transposed { " transposed" } else { "" };
        Error::shape(format!(
            "matmul: {why}: expected [..., m, k] and [..., k, n], received {}{} and {}{}",
            a.shape,
            t(self.transpose_a),
            b.shape,
            t(self.transpose_b)
        ))
    }
}

fn matmul<'b>(a: Sym<'b>, b: Sym<'b>, transpose_a: bool, transpose_b: bool) -> Sym<'b> {
    a.b.one(MatMul { transpose_a, transpose_b }, &[a, b])
}

/// All rows of a batch of matrices as one matrix.
fn rows(x: Sym<'_>) -> Sym<'_> {
    match (x.shape().rank(), x.shape().known()) {
        (3.., Some(sizes)) => {
            let (columns, leading) = sizes.split_last().expect("a batch of matrices has sides");
            let shape = Shape::of(&[leading.iter().product(), *columns]);
            x.apply(Reshape::to(&shape))
        }
        _ => x,
    }
}

/// The batch's sides, and rows and columns of the matrix that is multiplied.
fn split<'a>(what: &str, x: &'a TensorType, transposed: bool) -> Result<(&'a [Dim], [Dim; 2])> {
    float(MatMul::NAME, what, x)?;
    match x.shape.dims() {
        [batch @ .., rows, columns] if transposed => Ok((batch, [*columns, *rows])),
        [batch @ .., rows, columns] => Ok((batch, [*rows, *columns])),
        _ => Err(Error::shape(format!(
            "matmul: expected a {what} of at least 2 dimensions [..., rows, columns], received shape {}",
            x.shape
        ))),
    }
}

/// The same for known sides, of operands that `infer` accepted.
fn matrices(x: &[usize], transposed: bool) -> (&[usize], [usize; 2]) {
    let (batch, matrix) = x.split_at(x.len() - 2);
    (batch, if transposed { [matrix[1], matrix[0]] } else { [matrix[0], matrix[1]] })
}
