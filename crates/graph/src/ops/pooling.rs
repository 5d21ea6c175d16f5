//! What the pooling ops share: their window and the shapes on both sides of it.

use super::window::{self, Padding, Window};
use crate::explain;
use crate::lower::{Io, Lower};
use fovea_core::{DType, Error, Result, Shape, TensorType};
use fovea_kernels::pool::PoolShape;
use fovea_kernels::routine::PhaseSpec;

/// Where the maximum of a window lies in it, row by row: the dtype that holds every place.
pub fn index_dtype(size: [usize; 2]) -> DType {
    if size[0].saturating_mul(size[1]) <= 256 { DType::U8 } else { DType::I32 }
}

/// A pooling window; pairs are (height, width).
pub fn window(size: [usize; 2], strides: [usize; 2], padding: Padding) -> Window {
    Window { size, strides, dilation: [1, 1], padding }
}

/// Pushes the phase of a pooling, or of its gradient. `FOVEA_EXPLAIN=1` says how it goes through its windows.
pub(crate) fn lower(
    cx: &mut Lower,
    (op, shape): (&str, &PoolShape),
    how: &str,
    phase: PhaseSpec,
    run: impl Fn(usize, &Io) + Send + Sync + 'static,
) {
    explain::say(|| format!("{op} {shape}: {how}; {}; chunks {}", cx.isa.name(), phase.chunks));
    cx.chunks(phase, run);
}

impl Window {
    /// The type that pooling `x` gives, on behalf of `op`.
    pub fn pooled(&self, op: &str, x: &TensorType) -> Result<TensorType> {
        let [n, h, w, c] = window::nhwc(op, "input", x)?;
        self.check(op)?;
        if self.size[0].saturating_mul(self.size[1]) > i32::MAX as usize {
            return Err(Error::argument(format!("{op}: the window {:?} is too large", self.size)));
        }
        if let Padding::Explicit(pads) = self.padding
            && (0..2).any(|axis| pads[axis].iter().any(|&n| n >= self.size[axis]))
        {
            return Err(Error::argument(format!(
                "{op}: a window must hold an element of the input: expected padding smaller than the window \
                 {:?}, received {pads:?}",
                self.size
            )));
        }
        let [oh, ow] = self.outputs(op, [h, w])?;
        Ok(TensorType::new(x.dtype, Shape::new(vec![n, oh, ow, c])))
    }

    /// The type of the input that was pooled to something shaped like `g`, with height and width
    /// `sides`.
    pub fn unpooled(&self, op: &str, g: &TensorType, sides: [usize; 2]) -> Result<TensorType> {
        let [n, .., c] = window::nhwc(op, "gradient", g)?;
        let x = TensorType::new(g.dtype, Shape::new(vec![n, Some(sides[0]), Some(sides[1]), c]));
        window::same_shape(op, "a gradient", &self.pooled(op, &x)?, g)?;
        Ok(x)
    }

    /// Checks the window index that an op is given for outputs shaped like `y`.
    pub fn check_index(&self, op: &str, y: &TensorType, index: &TensorType) -> Result<()> {
        let expected = TensorType::new(index_dtype(self.size), y.shape.clone());
        if *index == expected {
            return Ok(());
        }
        Err(Error::shape(format!("{op}: expected an index {expected}, received {index}")))
    }

    /// Pooling as the kernels want it, from the sizes of input and output.
    pub fn lowered(&self, x: &[usize], y: &[usize]) -> PoolShape {
        PoolShape {
            n: x[0],
            h: x[1],
            w: x[2],
            c: x[3],
            kh: self.size[0],
            kw: self.size[1],
            oh: y[1],
            ow: y[2],
            stride: self.strides,
            pad: self.before([x[1], x[2]]),
        }
    }
}
