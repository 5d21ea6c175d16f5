//! Mean and population variance over leading axes, as batch normalisation needs them.
//!
//! Input: x, float32 or bfloat16. Outputs: mean and variance, float32, in x's shape with sides of 1 for the leading
//! axes. Of nothing, both are NaN.

#[cfg(test)]
mod checked;
mod gpu;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::{axes, window};
use fovea_core::{DType, Error, Result, TensorType};
use fovea_kernels::reduce::Moments;
use serde::{Deserialize, Serialize};

/// Attributes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct LeadingMoments {
    /// How many axes, counted from the front.
    pub axes: usize,
}

impl Operator for LeadingMoments {
    const NAME: &'static str = "leadingMoments";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x] = arity(Self::NAME, x)?;
        window::float(Self::NAME, "tensor", &x)?;
        if self.axes > x.rank() {
            let message = format!("{}: {x} has no {} leading axes", Self::NAME, self.axes);
            return Err(Error::argument(message));
        }
        let leading: Vec<usize> = (0..self.axes).collect();
        let moment = TensorType::new(DType::F32, axes::kept(&x.shape, &leading));
        Ok(vec![moment.clone(), moment])
    }

    /// The deviations from the mean add up to 0, so that what the variance owes to the mean vanishes.
    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let (x, mean) = (g.input(0), g.output(0));
        let shape = x.shape();
        let count = (0..self.axes).map(|axis| shape[axis]).product::<Option<usize>>().ok_or_else(|| {
            Error::internal(format!("the gradient of moments over unknown sides of {shape}"))
        })?;
        // Of nothing, no element has a gradient.
        let each = 1.0 / count.max(1) as f64;
        let (of_mean, of_variance) = (g.upstream(0) * each, g.upstream(1) * (2.0 * each));
        g.set(0, of_mean + (x - mean) * of_variance);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let sizes = cx.input_sizes(0);
        let (leading, kept) = sizes.split_at(self.axes);
        let (rows, columns) = (leading.iter().product(), kept.iter().product());
        let moments = Moments::new(cx.isa, cx.input_types[0].dtype, rows, columns);
        cx.routine(moments.phases().to_vec(), moments.temp(), move |phase, chunk, io| {
            let to = [io.output(0), io.output(1)];
            // SAFETY: operands have the types that the routine was made for.
            unsafe { moments.run(phase, chunk, io.input(0), to, io.temp.cast(), io.scratch.cast()) }
        });
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        self.shade(cx)
    }
}
