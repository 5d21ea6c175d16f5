//! A tensor with more around its elements and between them.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::elementwise::Scalar;
use crate::elementwise::shader::constant;
use crate::gpu::{Program, Shade, index};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::attribute::{Float, holds};
use crate::ops::{Slice, movement, shade};
use fovea_core::{Dim, Error, Result, TensorType};
use fovea_kernels::movement::Movement;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Along each axis `low` more before the first element, `high` after the last and `interior`
/// between neighbours.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Pad {
    pub low: Vec<usize>,
    pub high: Vec<usize>,
    pub interior: Vec<usize>,
    /// What stands there: a value of the tensor's dtype; 0 if there is interior padding.
    pub value: Float,
}

impl Operator for Pad {
    const NAME: &'static str = "pad";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x] = arity(Self::NAME, x)?;
        if [self.low.len(), self.high.len(), self.interior.len()] != [x.rank(); 3] {
            return Err(Error::argument(format!(
                "pad: expected low, high and interior padding for each axis of {}, received {:?}, {:?} and {:?}",
                x.shape, self.low, self.high, self.interior
            )));
        }
        if !holds(x.dtype, self.value.get()) {
            return Err(Error::argument(format!(
                "pad: expected a value of {}, the tensor's dtype, received {:?}",
                x.dtype, self.value
            )));
        }
        if self.value.get() != 0.0 && self.interior.iter().any(|&n| n > 0) {
            return Err(Error::argument(format!(
                "pad: expected the value 0 with interior padding, received {:?}",
                self.value
            )));
        }
        let side = |(i, &d): (usize, &Dim)| match d {
            None => Ok(None),
            Some(n) => self.padded(i, n).map(Some).ok_or_else(|| {
                Error::argument(format!("pad: axis {i} of {} padded by {self:?} is too long", x.shape))
            }),
        };
        Ok(vec![TensorType::new(x.dtype, x.shape.iter().enumerate().map(side).collect::<Result<_>>()?)])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let sizes = g.input(0).ty().sizes();
        let end = |(i, &n): (usize, &usize)| Some((self.low[i] + stretched(n, self.interior[i])?) as i64);
        let back = Slice {
            begin: self.low.iter().map(|&l| l as i64).collect(),
            end: sizes.iter().enumerate().map(end).collect(),
            step: self.interior.iter().map(|i| i + 1).collect(),
        };
        let dx = g.upstream(0).apply(back);
        g.set(0, dx);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let (dtype, sizes) = (cx.input_types[0].dtype, cx.input_sizes(0));
        let padded = if self.interior.iter().all(|&n| n == 0) {
            let value = movement::element(dtype, self.value.get());
            Movement::pad(cx.isa, dtype.size(), &sizes, &self.low, &self.high, value)
        } else {
            let step: Vec<isize> = self.interior.iter().map(|&n| n as isize + 1).collect();
            Movement::slice_grad(cx.isa, dtype.size(), &cx.output_sizes(0), &self.low, &step, &sizes)
        };
        movement::lower(cx, padded);
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let (sizes, padded) = (cx.inputs[0].sizes(), cx.outputs[0].sizes());
        let value = constant(Scalar::new(cx.inputs[0].dtype, self.value.get()));
        if sizes.contains(&0) {
            return Some(shade::each(cx, 0, &format!("y0[i] = {value};")));
        }
        let own = index::strides(&sizes);
        let (mut steps, mut inside, mut place) = (String::new(), vec![], vec![]);
        for (d, &n) in sizes.iter().enumerate() {
            let (step, at) = (self.interior[d] + 1, index::coordinate("i", &padded, d));
            // Before the first element it wraps to a large number.
            let _ = writeln!(steps, "let c{d} = {at} - {}u;", self.low[d]);
            place.push(format!("c{d} / {step}u * {}u", own[d]));
            if padded[d] != n {
                inside.push(format!("c{d} < {}u && c{d} % {step}u == 0u", (n - 1) * step + 1));
            }
        }
        // A scalar has no axes.
        inside.push("true".to_string());
        place.push("0u".to_string());
        let (inside, place) = (inside.join(" && "), place.join(" + "));
        let body = format!("{steps}var value = {value};\nif ({inside}) {{ value = x0[{place}]; }}\ny0[i] = value;");
        Some(shade::each(cx, 1, &body))
    }
}

impl Pad {
    /// The side that `n` becomes along axis `i`, if it fits.
    fn padded(&self, i: usize, n: usize) -> Option<usize> {
        stretched(n, self.interior[i])?.checked_add(self.low[i])?.checked_add(self.high[i])
    }
}

/// The length of `n` elements with `interior` between neighbours, if it fits.
fn stretched(n: usize, interior: usize) -> Option<usize> {
    match n.checked_sub(1) {
        None => Some(0),
        Some(gaps) => gaps.checked_mul(interior)?.checked_add(n),
    }
}
