//! Running sums along an axis.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::axes;
use fovea_core::{DType, Error, Result, TensorType};
use fovea_kernels::reduce::CumSum;
use serde::{Deserialize, Serialize};

/// Each element becomes the sum of itself and all before it along `axis`, or all after it.
/// float32, int32, uint32 or int64; integers wrap.
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
        match x.dtype {
            DType::F32 | DType::I32 | DType::U32 | DType::I64 => Ok(vec![x]),
            _ => Err(Error::argument(format!(
                "cumsum: expected float32, int32, uint32 or int64, received {x}. Cast it first."
            ))),
        }
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let dx = g.upstream(0).apply(Cumsum { axis: self.axis, reverse: !self.reverse });
        g.set(0, dx);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let axis = axes::axis(Self::NAME, self.axis, &cx.input_types[0].shape)?;
        let r = CumSum::new(cx.isa, cx.input_types[0].dtype, &cx.input_sizes(0), axis, self.reverse, false);
        cx.routine(r.phases().to_vec(), r.temp(), move |phase, chunk, io| {
            // SAFETY: operands have the types that the routine was made for.
            unsafe { r.run(phase, chunk, io.input(0), io.output(0), io.scratch) }
        });
        cx.may_overwrite(0);
        Ok(())
    }
}
