//! From each window the element that an index of max pooling names: the gradient of max pooling's
//! gradient.
//!
//! Inputs: x `[n, h, w, c]` and the index `[n, oh, ow, c]`; output `[n, oh, ow, c]`.

#[cfg(test)]
pub(crate) mod checked;
mod gpu;

use super::MaxPool2dGrad;
use super::pooling;
use super::split;
use super::window::{self, Padding, Window};
use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::{Io, Lower};
use crate::operator::{Operator, arity};
use fovea_core::{DType, Error, Result, TensorType};
use fovea_kernels::pool::PoolShape;
use serde::{Deserialize, Serialize};

/// Attributes of the pooling.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MaxPool2dTake {
    pub pool_size: [usize; 2],
    pub strides: [usize; 2],
    pub padding: Padding,
}

impl Operator for MaxPool2dTake {
    const NAME: &'static str = "maxPool2dTake";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x, index] = arity(Self::NAME, x)?;
        let y = self.window().pooled(Self::NAME, &x)?;
        self.window().check_index(Self::NAME, &y, &index)?;
        Ok(vec![y])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let MaxPool2dTake { pool_size, strides, padding } = *self;
        let input_shape = window::known_sides(Self::NAME, &g.input(0).ty())?;
        let back = MaxPool2dGrad { pool_size, strides, padding, input_shape };
        g.set(0, g.b.one(back, &[g.upstream(0), g.input(1)]));
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let shape = self.window().lowered(&cx.input_sizes(0), &cx.output_sizes(0));
        let rows = shape.n * shape.oh;
        let phase = split::phase(rows, shape.ow * shape.c);
        let wide = cx.input_types[1].dtype == DType::I32;
        cx.fallible(vec![phase], 0, move |_, chunk, io| {
            for row in split::part(rows, &phase, chunk) {
                // SAFETY: the operands have the sizes of `shape`, which was made from their types;
                // rows are apart, and `place` is inside the input.
                unsafe { take_row(&shape, row, wide, io)? }
            }
            Ok(())
        });
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        self.shade(cx)
    }
}

/// Takes the elements of one row of windows.
///
/// # Safety
/// The operands are as `shape` says; nobody else touches this row of the output.
unsafe fn take_row(shape: &PoolShape, row: usize, wide: bool, io: &Io) -> Result<()> {
    let (image, oy) = (row / shape.oh, row % shape.oh);
    for at in 0..shape.ow * shape.c {
        let (ox, channel) = (at / shape.c, at % shape.c);
        let i = row * shape.ow * shape.c + at;
        // SAFETY: `i` is below n · oh · ow · c, the length of index and output.
        let index = unsafe {
            if wide { i64::from(*io.input::<i32>(1).add(i)) } else { i64::from(*io.input::<u8>(1).add(i)) }
        };
        let (y, x) = place(shape, oy, ox, index)?;
        let from = ((image * shape.h + y) * shape.w + x) * shape.c + channel;
        // SAFETY: `place` gives a row and a column of the input.
        unsafe { *io.output::<f32>(0).add(i) = *io.input::<f32>(0).add(from) };
    }
    Ok(())
}

/// Row and column of the input that an index names in a window.
fn place(shape: &PoolShape, oy: usize, ox: usize, index: i64) -> Result<(usize, usize)> {
    let index_in_window = usize::try_from(index).ok().filter(|&i| i < shape.kh * shape.kw);
    index_in_window
        .and_then(|i| {
            let y = (oy * shape.stride[0] + i / shape.kw).checked_sub(shape.pad[0])?;
            let x = (ox * shape.stride[1] + i % shape.kw).checked_sub(shape.pad[1])?;
            (y < shape.h && x < shape.w).then_some((y, x))
        })
        .ok_or_else(|| {
            Error::argument(format!(
                "maxPool2dTake: the index {index} names no element of the input in its window"
            ))
        })
}

impl MaxPool2dTake {
    pub(crate) fn window(&self) -> Window {
        pooling::window(self.pool_size, self.strides, self.padding)
    }
}
