//! A part of a tensor, with steps.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade, index};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::attribute::Float;
use crate::ops::{Pad, movement, shade};
use fovea_core::{Dim, Error, Result, TensorType};
use fovea_kernels::movement::Movement;
use serde::{Deserialize, Serialize};

/// Elements `begin, begin + step, …` before `end` along each axis, as Python slices: negative
/// numbers count from the end, and what lies past an edge is cut to it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Slice {
    pub begin: Vec<i64>,
    /// `null` is the edge.
    pub end: Vec<Option<i64>>,
    /// At least 1.
    pub step: Vec<usize>,
}

impl Slice {
    /// Where axis `i` of length `n` begins and how many elements of it are taken.
    fn extent(&self, i: usize, n: usize) -> (usize, usize) {
        let place = |p: i64| if p < 0 { (p + n as i64).max(0) as usize } else { (p as usize).min(n) };
        let begin = place(self.begin[i]);
        let end = self.end[i].map_or(n, place);
        (begin, end.saturating_sub(begin).div_ceil(self.step[i]))
    }
}

impl Operator for Slice {
    const NAME: &'static str = "slice";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x] = arity(Self::NAME, x)?;
        if [self.begin.len(), self.end.len(), self.step.len()] != [x.rank(); 3] {
            return Err(Error::argument(format!(
                "slice: expected begin, end and step for each axis of {}, received {:?}, {:?} and {:?}",
                x.shape, self.begin, self.end, self.step
            )));
        }
        if self.step.contains(&0) {
            return Err(Error::argument(format!(
                "slice: expected steps of at least 1, received {:?}",
                self.step
            )));
        }
        let side = |(i, &d): (usize, &Dim)| d.map(|n| self.extent(i, n).1);
        Ok(vec![TensorType::new(x.dtype, x.shape.iter().enumerate().map(side).collect())])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let (mut low, mut high) = (vec![], vec![]);
        for (i, n) in g.input(0).ty().sizes().into_iter().enumerate() {
            let (begin, count) = self.extent(i, n);
            let taken = count.checked_sub(1).map_or(0, |gaps| gaps * self.step[i] + 1);
            low.push(begin);
            high.push(n - begin - taken);
        }
        let interior = self.step.iter().map(|s| s - 1).collect();
        let dx = g.upstream(0).apply(Pad { low, high, interior, value: Float::new(0.0) });
        g.set(0, dx);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let (size, sizes) = (cx.input_types[0].dtype.size(), cx.input_sizes(0));
        let begin: Vec<usize> = sizes.iter().enumerate().map(|(i, &n)| self.extent(i, n).0).collect();
        let step: Vec<isize> = self.step.iter().map(|&s| s as isize).collect();
        movement::lower(cx, Movement::slice(cx.isa, size, &sizes, &begin, &step, &cx.output_sizes(0)));
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let sizes = cx.inputs[0].sizes();
        let own = index::strides(&sizes);
        let begin: usize = sizes.iter().enumerate().map(|(i, &n)| self.extent(i, n).0 * own[i]).sum();
        let strides: Vec<usize> = own.iter().zip(&self.step).map(|(s, step)| s * step).collect();
        Some(shade::take(cx, &index::place("i", &cx.outputs[0].sizes(), &strides, begin)))
    }
}
