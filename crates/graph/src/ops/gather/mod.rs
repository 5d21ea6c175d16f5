//! Rows of a tensor picked by their indices.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::{ScatterAdd, axes};
use fovea_core::{DType, Error, Result, TensorType};
use serde::{Deserialize, Serialize};

/// Of input 0 the parts along `axis` that input 1, int32 of any rank, says; its axes stand in the
/// result where `axis` stood.
///
/// A run fails with `BAD_ARGUMENT` if an index is negative or out of range.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gather {
    /// A negative axis counts from the end.
    pub axis: i64,
}

impl Operator for Gather {
    const NAME: &'static str = "gather";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x, indices] = arity(Self::NAME, x)?;
        check_indices(Self::NAME, &indices)?;
        let axis = axes::axis(Self::NAME, self.axis, &x.shape)?;
        let shape = x.shape[..axis].iter().chain(indices.shape.iter()).chain(&x.shape[axis + 1..]).copied();
        Ok(vec![TensorType::new(x.dtype, shape.collect())])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let shape = g.input(0).shape();
        let axis = axes::axis(Self::NAME, self.axis, &shape)?;
        let back = ScatterAdd { axis, size: shape.sizes()[axis] };
        let dx = g.b.one(back, &[g.upstream(0), g.input(1)]);
        g.set(0, dx);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let _ = cx;
        todo!()
    }
}

/// Indices must be int32.
pub(crate) fn check_indices(name: &str, indices: &TensorType) -> Result<()> {
    match indices.dtype {
        DType::I32 => Ok(()),
        _ => Err(Error::argument(format!("{name}: expected int32 indices, received {indices}"))),
    }
}
