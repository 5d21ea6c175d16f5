//! One element of each row, by its index: the probability of the true class, say.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::{PickGrad, shade, split};
use fovea_core::{DType, Error, Result, TensorType};
use serde::{Deserialize, Serialize};

/// From input 0, float32 [.., classes], and input 1, int32 labels [..], the elements
/// `x[.., label]`.
///
/// A run fails with `BAD_ARGUMENT` if a label is negative or not below the number of classes. A GPU
/// cannot stop in mid-run: there the element is NaN, which the guard of a training step finds.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Pick {}

impl Operator for Pick {
    const NAME: &'static str = "pick";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x, labels] = arity(Self::NAME, x)?;
        if !x.dtype.is_float() || labels.dtype != DType::I32 {
            return Err(Error::argument(format!(
                "pick: expected float32 and int32 labels, received {x} and {labels}"
            )));
        }
        match x.shape.split_last() {
            Some((_, rows)) if *rows == labels.shape[..] => Ok(vec![TensorType::new(x.dtype, labels.shape)]),
            _ => Err(Error::shape(format!(
                "pick: expected one index for each row of {}, received indices of shape {}",
                x.shape, labels.shape
            ))),
        }
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let classes = *g.input(0).ty().sizes().last().unwrap_or(&1);
        let dx = g.b.one(PickGrad { size: classes }, &[g.upstream(0), g.input(1)]);
        g.set(0, dx);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let rows = cx.input_types[1].elements();
        let classes = *cx.input_sizes(0).last().unwrap_or(&1);
        // A cache line is touched for each row.
        let phase = split::phase(rows, 16);
        cx.fallible(vec![phase], 0, move |_, chunk, io| {
            let (x, labels, y) = (io.input::<f32>(0), io.input::<i32>(1), io.output::<f32>(0));
            for row in split::part(rows, &phase, chunk) {
                // SAFETY: there are `rows` labels and results and `rows · classes` elements, and
                // `class` checks that the label is below `classes`.
                unsafe {
                    *y.add(row) = *x.add(row * classes + class(Self::NAME, *labels.add(row), classes)?)
                };
            }
            Ok(())
        });
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let classes = *cx.inputs[0].sizes().last()?;
        if classes == 0 {
            return Some(shade::each(cx, 0, "y0[i] = nan();"));
        }
        let body = format!(
            "let label = bitcast<u32>(x1[i]);
var value = nan();
if (label < {classes}u) {{ value = x0[i * {classes}u + label]; }}
y0[i] = value;"
        );
        Some(shade::each(cx, 2, &body))
    }
}

/// A label as a class below `classes`, or the error that a run ends with.
pub(crate) fn class(name: &str, label: i32, classes: usize) -> Result<usize> {
    usize::try_from(label).ok().filter(|&c| c < classes).ok_or_else(|| {
        Error::argument(format!(
            "{name}: label {label} is out of range: there are {classes} classes, from 0 on"
        ))
    })
}
