//! Rows added into a tensor of zeros where their indices say: the gradient of `gather`.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::gather::check_indices;
use crate::ops::{Gather, movement};
use fovea_core::{DType, Error, Result, Shape, TensorType};
use fovea_kernels::movement as kernel;
use serde::{Deserialize, Serialize};

/// Adds the parts of input 0, float32, into zeros along `axis`, of length `size`, where input 1
/// says. The axes of input 1 stand in input 0 where `axis` will. What meets is added in the order
/// of the indices.
///
/// A run fails with `BAD_ARGUMENT` if an index is negative or out of range.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ScatterAdd {
    pub axis: usize,
    pub size: usize,
}

impl Operator for ScatterAdd {
    const NAME: &'static str = "scatterAdd";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [g, indices] = arity(Self::NAME, x)?;
        check_indices(Self::NAME, &indices)?;
        if g.dtype != DType::F32 {
            return Err(Error::argument(format!("scatterAdd: expected float32, received {g}")));
        }
        let after = self.axis.saturating_add(indices.rank());
        if after > g.rank() || g.shape[self.axis..after] != indices.shape[..] {
            return Err(Error::shape(format!(
                "scatterAdd: expected a tensor whose sides from axis {} on are those of the indices, {}, received shape {}",
                self.axis, indices.shape, g.shape
            )));
        }
        let size = [Some(self.size)];
        let shape: Shape =
            g.shape[..self.axis].iter().chain(&size).chain(&g.shape[after..]).copied().collect();
        Ok(vec![TensorType::new(g.dtype, shape)])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let dg = g.b.one(Gather { axis: self.axis as i64 }, &[g.upstream(0), g.input(1)]);
        g.set(0, dg);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let indices = &cx.input_types[1];
        let r = kernel::ScatterAdd::new(
            cx.isa,
            &cx.output_sizes(0),
            self.axis,
            indices.dtype,
            indices.elements(),
        );
        movement::lower_indexed(cx, Self::NAME, self.size, r.phases().to_vec(), move |phase, chunk, io| {
            // SAFETY: operands have the shapes that the routine was made for.
            unsafe { r.run(phase, chunk, io.input(0), io.input(1), io.output(0)) }
        });
        Ok(())
    }
}
