//! Running sums along an axis.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::elementwise::shader::constant;
use crate::elementwise::{Ew, Scalar};
use crate::gpu::{Dispatch, Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::{axes, shade};
use fovea_core::{DType, Error, Result, TensorType};
use fovea_kernels::reduce::CumSum;
use serde::{Deserialize, Serialize};

/// Each element becomes the sum of itself and all before it along `axis`, or all after it.
/// Of numbers, not booleans; integers wrap.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Cumsum {
    /// A negative axis counts from the end.
    pub axis: i64,
    /// From the end to the front.
    pub reverse: bool,
}

impl Operator for Cumsum {
    const NAME: &'static str = "cumsum";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x] = arity(Self::NAME, x)?;
        axes::axis(Self::NAME, self.axis, &x.shape)?;
        if x.dtype == DType::Bool {
            return Err(Error::argument(format!("cumsum: expected numbers, received {x}. Cast it first.")));
        }
        Ok(vec![x])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let dx = g.upstream(0).apply(Cumsum { axis: self.axis, reverse: !self.reverse });
        g.set(0, dx);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let axis = axes::axis(Self::NAME, self.axis, &cx.input_types[0].shape)?;
        let r = CumSum::new(cx.isa, cx.input_types[0].dtype, &cx.input_sizes(0), axis, self.reverse, false);
        cx.chunks(r.phase, move |chunk, io| {
            // SAFETY: operands have the types that the routine was made for.
            unsafe { r.run(chunk, io.input(0), io.output(0), io.scratch) }
        });
        cx.may_overwrite(0);
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let sizes = cx.inputs[0].sizes();
        let axis = axes::axis(Self::NAME, self.axis, &cx.inputs[0].shape).ok()?;
        let (n, inner) = (sizes[axis], sizes[axis + 1..].iter().product::<usize>());
        let lanes = cx.inputs[0].elements().checked_div(n).unwrap_or(0);
        if lanes == 0 {
            return Some(Program::default());
        }
        let dtype = cx.inputs[0].dtype;
        let add = |a: &str, b: &str| Ew::Add.shader(dtype, dtype, &[a.to_string(), b.to_string()]);
        let zero = constant(Scalar::new(dtype, 0.0));
        let k = if self.reverse { format!("{}u - k", n - 1) } else { "k".to_string() };
        // Sums of 16 are added to the sum of all before them, so that rounding errors stay small.
        let body = format!(
            "let begin = i / {inner}u * {}u + i % {inner}u;
var before = {zero};
var sum = {zero};
for (var k = 0u; k < {n}u; k++) {{
  if (k % 16u == 0u) {{ before = {}; sum = {zero}; }}
  let at = begin + ({k}) * {inner}u;
  sum = {};
  y0[at] = {};
}}",
            n * inner,
            add("before", "sum")?,
            add("sum", "x0[at]")?,
            add("before", "sum")?,
        );
        Some(Dispatch::each(&cx.limits, lanes, shade::both(), String::new(), &body).into())
    }
}
