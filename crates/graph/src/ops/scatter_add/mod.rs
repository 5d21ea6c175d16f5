//! Rows added into a tensor of zeros where their indices say: the gradient of `gather`.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::gather::check_indices;
use crate::ops::{Gather, movement, shade};
use fovea_core::{Error, Result, Shape, TensorType};
use fovea_kernels::movement as kernel;
use serde::{Deserialize, Serialize};

/// Adds the parts of input 0, float32, into zeros along `axis`, of length `size`, where input 1
/// says. The axes of input 1 stand in input 0 where `axis` will. What meets is added in the order
/// of the indices.
///
/// A run fails with `BAD_ARGUMENT` if an index is negative or out of range; on a GPU the result is NaN.
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
        if !g.dtype.is_float() {
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
        movement::lower_indexed(cx, Self::NAME, self.size, r.phase, move |chunk, io| {
            // SAFETY: operands have the shapes that the routine was made for.
            unsafe { r.run(chunk, io.input(0), io.input(1), io.output(0)) }
        });
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let (sizes, count) = (cx.outputs[0].sizes(), cx.inputs[1].elements());
        let inner: usize = sizes[self.axis + 1..].iter().product();
        if count == 0 {
            return Some(shade::each(cx, 0, "y0[i] = 0.0f;"));
        }
        let at = shade::index(cx.inputs[1].dtype, "x1[k]");
        let size = self.size;
        let body = format!(
            "let outer = i / {}u;
let place = i / {inner}u % {size}u;
var sum = 0.0f;
for (var k = 0u; k < {count}u; k++) {{
  let at = {at};
  if (at == place) {{ sum += x0[(outer * {count}u + k) * {inner}u + i % {inner}u]; }}
  if (at >= {size}u) {{ sum = nan(); }}
}}
y0[i] = sum;",
            inner * size
        );
        Some(shade::each(cx, 2, &body))
    }
}
