//! Rows of a tensor picked by their indices.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::{ScatterAdd, axes, movement, shade};
use fovea_core::{DType, Error, Result, TensorType};
use fovea_kernels::movement as kernel;
use serde::{Deserialize, Serialize};

/// Of input 0 the parts along `axis` that input 1, integers of any rank, says; its axes stand in the
/// result where `axis` stood.
///
/// A run fails with `BAD_ARGUMENT` if an index is negative or out of range. A GPU cannot stop in
/// mid-run: there what is missing is NaN, or 0 in a dtype without NaN.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
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
        let (dtype, sizes) = (cx.input_types[0].dtype, cx.input_sizes(0));
        let axis = axes::axis(Self::NAME, self.axis, &cx.input_types[0].shape)?;
        let indices = &cx.input_types[1];
        let r = kernel::Gather::new(dtype.size(), &sizes, axis, indices.dtype, indices.elements());
        movement::lower_indexed(cx, Self::NAME, sizes[axis], r.phase, move |chunk, io| {
            // SAFETY: operands have the shapes that the routine was made for.
            unsafe { r.run(chunk, io.input(0), io.input(1), io.output(0)) }
        });
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let (sizes, dtype) = (cx.inputs[0].sizes(), cx.inputs[0].dtype);
        let axis = axes::axis(Self::NAME, self.axis, &cx.inputs[0].shape).ok()?;
        let (inner, count) = (sizes[axis + 1..].iter().product::<usize>(), cx.inputs[1].elements());
        let (size, missing) = (sizes[axis], shade::missing(dtype));
        if cx.inputs[0].elements() == 0 {
            return Some(shade::each(cx, 0, &format!("y0[i] = {missing};")));
        }
        let at = shade::index(cx.inputs[1].dtype, &format!("x1[i / {inner}u % {count}u]"));
        let body = format!(
            "let at = {at};
var value = {missing};
if (at < {size}u) {{ value = x0[(i / {}u * {size}u + at) * {inner}u + i % {inner}u]; }}
y0[i] = value;",
            inner * count
        );
        Some(shade::each(cx, 2, &body))
    }
}

/// Indices must be integers.
pub(crate) fn check_indices(name: &str, indices: &TensorType) -> Result<()> {
    match indices.dtype {
        DType::F32 | DType::Bf16 | DType::Bool => {
            Err(Error::argument(format!("{name}: expected integer indices, received {indices}")))
        }
        _ => Ok(()),
    }
}
