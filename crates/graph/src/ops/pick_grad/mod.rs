//! Rows of zeros with one element each: the gradient of `pick`.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::pick::class;
use crate::ops::{Pick, shade, split};
use fovea_core::{DType, Error, Result, TensorType};
use serde::{Deserialize, Serialize};

/// From input 0, float32 [..], and input 1, int32 labels [..], rows [.., size] that hold input 0
/// at the labels and 0 elsewhere.
///
/// A run fails with `BAD_ARGUMENT` if a label is negative or not below `size`; on a GPU the row is NaN.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct PickGrad {
    pub size: usize,
}

impl Operator for PickGrad {
    const NAME: &'static str = "pickGrad";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [g, labels] = arity(Self::NAME, x)?;
        if !g.dtype.is_float() || labels.dtype != DType::I32 || g.shape != labels.shape {
            return Err(Error::shape(format!(
                "pickGrad: expected float32 and int32 labels of one shape, received {g} and {labels}"
            )));
        }
        let shape = g.shape.iter().copied().chain([Some(self.size)]).collect();
        Ok(vec![TensorType::new(g.dtype, shape)])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let dg = g.b.one(Pick {}, &[g.upstream(0), g.input(1)]);
        g.set(0, dg);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let (rows, size) = (cx.input_types[1].elements(), self.size);
        let phase = split::phase(rows, size);
        cx.fallible(vec![phase], 0, move |_, chunk, io| {
            let (g, labels, y) = (io.input::<f32>(0), io.input::<i32>(1), io.output::<f32>(0));
            for row in split::part(rows, &phase, chunk) {
                // SAFETY: there are `rows` gradients and labels and `rows · size` results, and this
                // chunk alone writes row `row`.
                let (g, label, y) = unsafe {
                    (*g.add(row), *labels.add(row), std::slice::from_raw_parts_mut(y.add(row * size), size))
                };
                y.fill(0.0);
                y[class(Self::NAME, label, size)?] = g;
            }
            Ok(())
        });
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let size = self.size;
        let body = format!(
            "let label = bitcast<u32>(x1[i / {size}u]);
var value = 0.0f;
if (label == i % {size}u) {{ value = x0[i / {size}u]; }}
if (label >= {size}u) {{ value = nan(); }}
y0[i] = value;"
        );
        Some(shade::each(cx, 2, &body))
    }
}
