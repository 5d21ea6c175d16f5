//! Windows that slide over the height and width of `[batch, height, width, channels]`: the one
//! place that knows how many there are and what "same" padding means.

#[cfg(test)]
pub(crate) mod checked;

use fovea_core::{Dim, Error, Result, TensorType};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What surrounds the input: `"valid"`, `"same"` or `[[top, bottom], [left, right]]`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(untagged, expecting = "padding must be \"valid\", \"same\" or [[top, bottom], [left, right]]")]
pub enum Padding {
    Rule(PaddingRule),
    Explicit([[usize; 2]; 2]),
}

/// A padding that follows from the sizes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum PaddingRule {
    /// None.
    Valid,
    /// As much as it takes for `ceil(side / stride)` windows; an odd rest goes to the end.
    Same,
}

impl Padding {
    pub const VALID: Padding = Padding::Rule(PaddingRule::Valid);
    pub const SAME: Padding = Padding::Rule(PaddingRule::Same);
}

/// As TypeScript writes it.
impl fmt::Display for Padding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Padding::Rule(PaddingRule::Valid) => f.write_str("\"valid\""),
            Padding::Rule(PaddingRule::Same) => f.write_str("\"same\""),
            Padding::Explicit(pads) => write!(f, "{pads:?}"),
        }
    }
}

/// A window and its steps; each pair is (height, width).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub size: [usize; 2],
    pub strides: [usize; 2],
    pub dilation: [usize; 2],
    pub padding: Padding,
}

/// The longest side, window, stride or padding; keeps all arithmetic far from overflow.
const LONGEST: usize = 1 << 31;

impl Window {
    /// Refuses numbers that describe no window.
    pub fn check(&self, op: &str) -> Result<()> {
        for (what, pair) in
            [("window size", self.size), ("strides", self.strides), ("dilation", self.dilation)]
        {
            if !pair.iter().all(|n| (1..=LONGEST).contains(n)) {
                return Err(Error::argument(format!(
                    "{op}: expected {what} of at least 1, received {pair:?}"
                )));
            }
        }
        match self.padding {
            Padding::Explicit(pads) if pads.iter().flatten().any(|&n| n > LONGEST) => {
                Err(Error::argument(format!("{op}: the padding {pads:?} is too large")))
            }
            _ => Ok(()),
        }
    }

    /// How many windows there are along height and width of an input.
    pub fn outputs(&self, op: &str, input: [Dim; 2]) -> Result<[Dim; 2]> {
        self.check(op)?;
        let mut out = [None; 2];
        for axis in 0..2 {
            if let Some(side) = input[axis] {
                out[axis] = Some(self.output(axis, side).ok_or_else(|| self.does_not_fit(op, input))?);
            }
        }
        Ok(out)
    }

    /// The padding above and to the left of an input that [`Window::outputs`] accepts.
    pub fn before(&self, input: [usize; 2]) -> [usize; 2] {
        [0, 1].map(|axis| match self.padding {
            Padding::Rule(PaddingRule::Valid) => 0,
            Padding::Explicit(pads) => pads[axis][0],
            Padding::Rule(PaddingRule::Same) => {
                let last = (input[axis].div_ceil(self.strides[axis]) - 1) * self.strides[axis];
                (last + self.extent(axis)).saturating_sub(input[axis]) / 2
            }
        })
    }

    /// From a window's first element to its last, along an axis.
    fn extent(&self, axis: usize) -> usize {
        (self.size[axis] - 1) * self.dilation[axis] + 1
    }

    fn output(&self, axis: usize, side: usize) -> Option<usize> {
        if !(1..=LONGEST).contains(&side) {
            return None;
        }
        let padded = match self.padding {
            Padding::Rule(PaddingRule::Same) => return Some(side.div_ceil(self.strides[axis])),
            Padding::Rule(PaddingRule::Valid) => side,
            Padding::Explicit(pads) => side + pads[axis][0] + pads[axis][1],
        };
        Some(padded.checked_sub(self.extent(axis))? / self.strides[axis] + 1)
    }

    fn does_not_fit(&self, op: &str, input: [Dim; 2]) -> Error {
        let side = |d: Dim| d.map_or("null".to_string(), |n| n.to_string());
        let [kh, kw] = self.size;
        let dilated = if self.dilation == [1, 1] {
            String::new()
        } else {
            format!(" with dilation {:?}", self.dilation)
        };
        Error::shape(format!(
            "{op}: a window of {kh}×{kw}{dilated} does not fit into an input of {}×{} with padding {}",
            side(input[0]),
            side(input[1]),
            self.padding
        ))
    }
}

/// The sides of a float tensor `[batch, height, width, channels]`; `what` names it in errors.
pub fn nhwc(op: &str, what: &str, x: &TensorType) -> Result<[Dim; 4]> {
    float(op, what, x)?;
    <[Dim; 4]>::try_from(x.shape.dims()).map_err(|_| {
        Error::shape(format!(
            "{op}: expected a 4-D {what} [batch, height, width, channels], received shape {}",
            x.shape
        ))
    })
}

/// Refuses what is neither float32 nor bfloat16.
pub fn float(op: &str, what: &str, x: &TensorType) -> Result<()> {
    if x.dtype.is_float() {
        return Ok(());
    }
    Err(Error::argument(format!("{op}: expected a float32 {what}, received {x}. Cast it first.")))
}

/// Refuses operands of two dtypes.
pub fn alike(op: &str, a: &TensorType, b: &TensorType) -> Result<()> {
    if a.dtype == b.dtype {
        return Ok(());
    }
    Err(Error::argument(format!(
        "{op}: expected operands of one dtype, received {a} and {b}. Cast one of them."
    )))
}

/// Height and width of an input, which a gradient rule must know.
pub fn known_sides(op: &str, x: &TensorType) -> Result<[usize; 2]> {
    match x.shape.dims() {
        [_, Some(h), Some(w), _] => Ok([*h, *w]),
        _ => Err(Error::shape(format!(
            "{op}: its gradient needs a known height and width, received {}",
            x.shape
        ))),
    }
}

/// Checks the gradient that an op is given against the type of what it is the gradient of.
pub fn same_shape(op: &str, what: &str, expected: &TensorType, received: &TensorType) -> Result<()> {
    if expected.shape == received.shape {
        return Ok(());
    }
    Err(Error::shape(format!(
        "{op}: expected {what} of shape {}, received {}",
        expected.shape, received.shape
    )))
}
