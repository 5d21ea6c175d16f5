//! Elements or rows added where indices of their own say: the gradient of `takeAlong`.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::gather::check_indices;
use crate::ops::take_along::{check_sides, replaced};
use crate::ops::{TakeAlong, axes, movement};
use fovea_core::{Error, Result, TensorType};
use fovea_kernels::movement as kernel;
use serde::{Deserialize, Serialize};

/// Adds input 0, float32, into zeros along `axis`, of length `size`, where input 1 says: to
/// `y[.., i[.., j, ..], ..]` goes `x[.., j, ..]`. The sides of input 1 are those of input 0; after
/// `axis` they may all be 1. What meets is added in the order of the indices.
///
/// A run fails with `BAD_ARGUMENT` if an index is negative or out of range.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct AddAlong {
    pub axis: usize,
    pub size: usize,
}

impl Operator for AddAlong {
    const NAME: &'static str = "addAlong";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [g, indices] = arity(Self::NAME, x)?;
        check_indices(Self::NAME, &indices)?;
        if !g.dtype.is_float() {
            return Err(Error::argument(format!("addAlong: expected float32, received {g}")));
        }
        let axis = axes::axis(Self::NAME, self.axis as i64, &g.shape)?;
        check_sides(Self::NAME, &g.shape, &indices.shape, axis)?;
        if indices.shape[axis] != g.shape[axis] {
            return Err(Error::shape(format!(
                "addAlong: expected as many indices as elements along axis {axis}, received {} for {}",
                indices.shape, g.shape
            )));
        }
        Ok(vec![TensorType::new(g.dtype, replaced(&g.shape, axis, Some(self.size)))])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let back = TakeAlong { axis: self.axis as i64 };
        let dx = g.b.one(back, &[g.upstream(0), g.input(1)]);
        g.set(0, dx);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let along =
            kernel::Along::new(cx.input_types[1].dtype, &cx.output_sizes(0), &cx.input_sizes(1), self.axis);
        let r = kernel::AddAlong::new(along);
        movement::lower_indexed(cx, Self::NAME, self.size, r.phase, move |chunk, io| {
            // SAFETY: operands have the shapes that the routine was made for.
            unsafe { r.run(chunk, io.input(0), io.input(1), io.output(0)) }
        });
        Ok(())
    }

    fn gpu(&self, _: &Shade) -> Option<Program> {
        None
    }
}
