//! Axes in another order.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade, index};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::{movement, shade};
use fovea_core::{Error, Result, TensorType};
use fovea_kernels::movement::Movement;
use serde::{Deserialize, Serialize};

/// Axis `i` of the result is axis `perm[i]` of the tensor.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Transpose {
    pub perm: Vec<usize>,
}

impl Transpose {
    /// Whether elements of a tensor of these sides keep their order: only sides of 1 change places.
    pub(crate) fn keeps_order(&self, sizes: &[usize]) -> bool {
        self.perm.iter().filter(|&&a| sizes[a] != 1).is_sorted()
    }
}

impl Operator for Transpose {
    const NAME: &'static str = "transpose";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x] = arity(Self::NAME, x)?;
        let mut sorted = self.perm.clone();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..x.rank()) {
            return Err(Error::argument(format!(
                "transpose: expected each axis of {} once, received {:?}",
                x.shape, self.perm
            )));
        }
        Ok(vec![TensorType::new(x.dtype, self.perm.iter().map(|&a| x.shape[a]).collect())])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let mut inverse = vec![0; self.perm.len()];
        for (i, &a) in self.perm.iter().enumerate() {
            inverse[a] = i;
        }
        let dx = g.upstream(0).apply(Transpose { perm: inverse });
        g.set(0, dx);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let (size, sizes) = (cx.input_types[0].dtype.size(), cx.input_sizes(0));
        movement::lower(cx, Movement::transpose(cx.isa, size, &sizes, &self.perm));
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let strides = index::strides(&cx.inputs[0].sizes());
        let strides: Vec<usize> = self.perm.iter().map(|&a| strides[a]).collect();
        Some(shade::take(cx, &index::place("i", &cx.outputs[0].sizes(), &strides, 0)))
    }
}
