//! Images of another size.
//!
//! Input `[n, h, w, c]`, float32; output `[n, size[0], size[1], c]`.

#[cfg(test)]
pub(crate) mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::ResizeGrad;
use fovea_core::{Error, Result, Shape, TensorType};
use fovea_kernels::resample::{Filter, Resample, Taps};
use serde::{Deserialize, Serialize};

/// How the pixels of a resized image are made of those around.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Interpolation {
    Nearest,
    Bilinear,
    Bicubic,
    Lanczos3,
    Lanczos5,
}

/// Attributes; pairs are (height, width).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resize {
    pub size: [usize; 2],
    pub interpolation: Interpolation,
    /// Whether filters widen where an image shrinks.
    pub antialias: bool,
}

impl Operator for Resize {
    const NAME: &'static str = "resize";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x] = arity(Self::NAME, x)?;
        check_images(Self::NAME, &x)?;
        if x.shape[1..3].contains(&Some(0)) || self.size.contains(&0) {
            return Err(Error::shape(format!(
                "resize: expected at least one pixel, received images of shape {} and size {:?}",
                x.shape, self.size
            )));
        }
        Ok(vec![TensorType::new(x.dtype, of_size(&x.shape, self.size))])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let Resize { interpolation, antialias, .. } = *self;
        let sizes = g.input(0).shape().sizes();
        let back = ResizeGrad { interpolation, antialias, input_shape: [sizes[1], sizes[2]] };
        g.set(0, g.upstream(0).apply(back));
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let sizes = cx.input_sizes(0);
        let taps = |axis: usize| self.interpolation.taps(self.antialias, sizes[axis + 1], self.size[axis]);
        lower(cx, taps(0), taps(1));
        Ok(())
    }

    fn gpu(&self, _: &Shade) -> Option<Program> {
        None
    }
}

impl Interpolation {
    pub(crate) fn taps(self, antialias: bool, from: usize, to: usize) -> Taps {
        let filter = match self {
            Interpolation::Nearest => Filter::Nearest,
            Interpolation::Bilinear => Filter::Bilinear,
            Interpolation::Bicubic => Filter::Bicubic,
            Interpolation::Lanczos3 => Filter::Lanczos3,
            Interpolation::Lanczos5 => Filter::Lanczos5,
        };
        Taps::new(filter, antialias, from, to)
    }
}

/// Pushes the resampling of input 0.
pub(crate) fn lower(cx: &mut Lower, rows: Taps, columns: Taps) {
    let sizes = cx.input_sizes(0);
    let r = Resample::new(cx.isa, [sizes[0], sizes[1], sizes[2], sizes[3]], rows, columns);
    cx.chunks(r.phase, move |chunk, io| {
        // SAFETY: operands have the sizes that the routine was made for.
        unsafe { r.run(chunk, io.input(0), io.output(0), io.scratch) }
    });
}

pub(crate) fn check_images(name: &str, x: &TensorType) -> Result<()> {
    if x.rank() != 4 {
        let message = format!(
            "{name}: expected images of rank 4 [batch, height, width, channels], received shape {}",
            x.shape
        );
        return Err(Error::shape(message));
    }
    if !x.dtype.is_float() {
        return Err(Error::argument(format!("{name}: expected float32, received {x}. Cast it first.")));
    }
    Ok(())
}

/// The shape of images of another height and width.
pub(crate) fn of_size(shape: &Shape, size: [usize; 2]) -> Shape {
    [shape[0], Some(size[0]), Some(size[1]), shape[3]].into_iter().collect()
}
