//! A tensor repeated to a larger shape.

#[cfg(test)]
mod checked;

use crate::autodiff::{Grad, sum_to};
use crate::gpu::{Program, Shade, index};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::{movement, shade};
use fovea_core::{Error, Result, Shape, TensorType};
use fovea_kernels::movement::Movement;
use serde::{Deserialize, Serialize};

/// Repeats a tensor along its sides of 1 and along new leading axes, by NumPy's rule.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct BroadcastTo {
    /// The new sides; -1 keeps the tensor's side, known or not.
    pub shape: Vec<i64>,
}

impl Operator for BroadcastTo {
    const NAME: &'static str = "broadcastTo";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x] = arity(Self::NAME, x)?;
        let fail = || {
            Error::shape(format!(
                "broadcastTo: a tensor of shape {} does not broadcast to the shape {:?}",
                x.shape, self.shape
            ))
        };
        let new = self.shape.len().checked_sub(x.rank()).ok_or_else(fail)?;
        let side = |(i, &wanted): (usize, &i64)| {
            let from = i.checked_sub(new).map(|j| x.shape[j]);
            match (usize::try_from(wanted), from) {
                (Err(_), Some(side)) if wanted == -1 => Ok(side),
                (Ok(n), None | Some(Some(1))) => Ok(Some(n)),
                (Ok(n), Some(Some(m))) if m == n => Ok(Some(n)),
                _ => Err(fail()),
            }
        };
        let shape = self.shape.iter().enumerate().map(side).collect::<Result<Shape>>()?;
        Ok(vec![TensorType::new(x.dtype, shape)])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let dx = sum_to(g.upstream(0), &g.input(0).shape());
        g.set(0, dx);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let (size, sizes) = (cx.input_types[0].dtype.size(), cx.input_sizes(0));
        movement::lower(cx, Movement::broadcast_to(cx.isa, size, &sizes, &cx.output_sizes(0)));
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let (from, to) = (cx.inputs[0].sizes(), cx.outputs[0].sizes());
        Some(shade::take(cx, &index::place("i", &to, &index::broadcast(&from, &to), 0)))
    }
}

impl BroadcastTo {
    /// To a shape; a side that is not known is the tensor's.
    pub fn to(shape: &Shape) -> BroadcastTo {
        BroadcastTo { shape: shape.iter().map(|d| d.map_or(-1, |n| n as i64)).collect() }
    }
}
