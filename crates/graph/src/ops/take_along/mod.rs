//! Elements or rows picked by indices of their own for each part of a tensor.

#[cfg(test)]
pub(crate) mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::gather::check_indices;
use crate::ops::{AddAlong, axes, movement};
use fovea_core::{Error, Result, Shape, TensorType};
use fovea_kernels::movement as kernel;
use serde::{Deserialize, Serialize};

/// `y[.., j, ..] = x[.., i[.., j, ..], ..]` along `axis`, as NumPy's `take_along_axis`. Input 1,
/// integers, has the sides of input 0 but for `axis`; its sides after `axis` may all be 1, and each
/// index then stands for all that lies there.
///
/// A run fails with `BAD_ARGUMENT` if an index is negative or out of range.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct TakeAlong {
    /// A negative axis counts from the end.
    pub axis: i64,
}

impl Operator for TakeAlong {
    const NAME: &'static str = "takeAlong";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x, indices] = arity(Self::NAME, x)?;
        check_indices(Self::NAME, &indices)?;
        let axis = axes::axis(Self::NAME, self.axis, &x.shape)?;
        check_sides(Self::NAME, &x.shape, &indices.shape, axis)?;
        Ok(vec![TensorType::new(x.dtype, replaced(&x.shape, axis, indices.shape[axis]))])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let shape = g.input(0).shape();
        let axis = axes::axis(Self::NAME, self.axis, &shape)?;
        let dx = g.b.one(AddAlong { axis, size: shape.sizes()[axis] }, &[g.upstream(0), g.input(1)]);
        g.set(0, dx);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let (sizes, indices) = (cx.input_sizes(0), cx.input_sizes(1));
        let axis = axes::axis(Self::NAME, self.axis, &cx.input_types[0].shape)?;
        let along = kernel::Along::new(cx.input_types[1].dtype, &sizes, &indices, axis);
        let r = kernel::TakeAlong::new(along, cx.input_types[0].dtype.size());
        movement::lower_indexed(cx, Self::NAME, sizes[axis], r.phase, move |chunk, io| {
            // SAFETY: operands have the shapes that the routine was made for.
            unsafe { r.run(chunk, io.input(0), io.input(1), io.output(0)) }
        });
        Ok(())
    }

    fn gpu(&self, _: &Shade) -> Option<Program> {
        None
    }
}

/// The shape with another side along `axis`.
pub(crate) fn replaced(shape: &Shape, axis: usize, side: Option<usize>) -> Shape {
    shape.iter().enumerate().map(|(i, &d)| if i == axis { side } else { d }).collect()
}

/// Indices have a tensor's sides but for `axis`, or 1 everywhere after it.
pub(crate) fn check_sides(name: &str, shape: &Shape, indices: &Shape, axis: usize) -> Result<()> {
    let fits = indices.rank() == shape.rank()
        && indices[..axis] == shape[..axis]
        && (indices[axis + 1..] == shape[axis + 1..] || indices[axis + 1..].iter().all(|&d| d == Some(1)));
    if fits {
        return Ok(());
    }
    Err(Error::shape(format!(
        "{name}: expected indices with the sides of the tensor, {shape}, but for axis {axis} (or 1 after it), received {indices}"
    )))
}
