//! 0, 1, 2, … along an axis.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::elementwise::shader::cast;
use crate::gpu::{Program, Shade, index};
use crate::lower::{Io, Lower};
use crate::operator::{Operator, arity};
use crate::ops::{attribute, shade, split};
use fovea_core::{Bf16, DType, Error, Result, Shape, TensorType};
use serde::{Deserialize, Serialize};

/// A tensor whose every element is its own place along `axis`. Takes no input.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Iota {
    #[serde(with = "attribute::dtype")]
    #[cfg_attr(feature = "types", ts(type = "DType"))]
    pub dtype: DType,
    pub shape: Vec<usize>,
    pub axis: usize,
}

impl Operator for Iota {
    const NAME: &'static str = "iota";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [] = arity(Self::NAME, x)?;
        let size = self.shape.get(self.axis).ok_or_else(|| {
            Error::argument(format!(
                "iota: expected an axis of the shape {:?}, received {}",
                self.shape, self.axis
            ))
        })?;
        if self.dtype == DType::Bool || !attribute::holds(self.dtype, size.saturating_sub(1) as f64) {
            return Err(Error::argument(format!("iota: {} cannot count to {size}", self.dtype)));
        }
        Ok(vec![TensorType::new(self.dtype, Shape::of(&self.shape))])
    }

    fn vjp(&self, _: &mut Grad) -> Result<()> {
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let size = self.shape[self.axis];
        let outer: usize = self.shape[..self.axis].iter().product();
        let inner: usize = self.shape[self.axis + 1..].iter().product();
        match self.dtype {
            DType::F32 => count(cx, outer, size, inner, |i| i as f32),
            DType::Bf16 => count(cx, outer, size, inner, |i| Bf16::from_f32(i as f32)),
            DType::I32 => count(cx, outer, size, inner, |i| i as i32),
            DType::U32 => count(cx, outer, size, inner, |i| i as u32),
            DType::I64 => count(cx, outer, size, inner, |i| i as i64),
            DType::U8 | DType::Bool => count(cx, outer, size, inner, |i| i as u8),
            DType::I8 => count(cx, outer, size, inner, |i| i as i8),
        }
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let place = index::coordinate("i", &self.shape, self.axis);
        let value = cast(DType::U32, self.dtype, &format!("({place})"));
        Some(shade::each(cx, 0, &format!("y0[i] = {value};")))
    }
}

/// Fills [outer, size, inner] with the place along the middle axis.
fn count<T: Copy + 'static>(cx: &mut Lower, outer: usize, size: usize, inner: usize, of: fn(usize) -> T) {
    let phase = split::phase(outer * size, inner);
    cx.chunks(phase, move |chunk, io: &Io| {
        for row in split::part(outer * size, &phase, chunk) {
            // SAFETY: row `row` of `outer · size` rows of `inner` elements, which this chunk alone writes.
            let to = unsafe { std::slice::from_raw_parts_mut(io.output::<T>(0).add(row * inner), inner) };
            to.fill(of(row % size));
        }
    });
}
