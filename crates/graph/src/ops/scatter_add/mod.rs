//! Rows added into a tensor of zeros where their indices say: the gradient of `gather`.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::gather::check_indices;
use crate::ops::{Gather, split};
use fovea_core::{DType, Error, Result, Shape, TensorType};
use serde::{Deserialize, Serialize};

/// Adds the parts of input 0, float32, into zeros along `axis`, of length `size`, where input 1
/// says. The axes of input 1 stand in input 0 where `axis` will. What meets is added in the order
/// of the indices.
///
/// A run fails with `BAD_ARGUMENT` if an index is negative or out of range.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScatterAdd {
    pub axis: usize,
    pub size: usize,
}

/// Floats of a row that one piece of work takes: some cache lines.
const BLOCK: usize = 128;

impl Operator for ScatterAdd {
    const NAME: &'static str = "scatterAdd";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [g, indices] = arity(Self::NAME, x)?;
        check_indices(Self::NAME, &indices)?;
        if g.dtype != DType::F32 {
            return Err(Error::argument(format!("scatterAdd: expected float32, received {g}")));
        }
        let after = self.axis.saturating_add(indices.rank());
        if after > g.rank() || g.shape[self.axis..after] != indices.shape[..] {
            return Err(Error::shape(format!(
                "scatterAdd: expected a tensor whose sides from axis {} on are those of the indices, {}, received shape {}",
                self.axis, indices.shape, g.shape
            )));
        }
        let size = [Some(self.size)];
        let shape: Shape = g.shape[..self.axis].iter().chain(&size).chain(&g.shape[after..]).copied().collect();
        Ok(vec![TensorType::new(g.dtype, shape)])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let dg = g.b.one(Gather { axis: self.axis as i64 }, &[g.upstream(0), g.input(1)]);
        g.set(0, dg);
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let sizes = cx.output_sizes(0);
        let outer: usize = sizes[..self.axis].iter().product();
        let inner: usize = sizes[self.axis + 1..].iter().product();
        let (size, count) = (self.size, cx.input_types[1].elements());
        let blocks = inner.div_ceil(BLOCK);
        let phase = split::phase(outer * blocks, (size + count) * BLOCK.min(inner));
        cx.fallible(&[phase], 0, move |_, chunk, io| {
            let (g, indices, y) = (io.input::<f32>(0), io.input::<i32>(1), io.output::<f32>(0));
            // SAFETY: input 1 has `count` indices.
            let indices = unsafe { std::slice::from_raw_parts(indices, count) };
            for piece in split::part(outer * blocks, &phase, chunk) {
                let (o, first) = (piece / blocks, piece % blocks * BLOCK);
                let width = BLOCK.min(inner - first);
                let to = |i: usize| {
                    // SAFETY: row `o, i` of [outer, size, inner]; no other piece has these columns.
                    unsafe { std::slice::from_raw_parts_mut(y.add((o * size + i) * inner + first), width) }
                };
                for i in 0..size {
                    to(i).fill(0.0);
                }
                for (k, &index) in indices.iter().enumerate() {
                    let i = place(Self::NAME, index, size)?;
                    // SAFETY: row `o, k` of [outer, count, inner].
                    let from = unsafe { std::slice::from_raw_parts(g.add((o * count + k) * inner + first), width) };
                    to(i).iter_mut().zip(from).for_each(|(sum, v)| *sum += v);
                }
            }
            Ok(())
        });
        Ok(())
    }
}

/// An index as a place below `size`, or the error that a run ends with.
pub(crate) fn place(name: &str, index: i32, size: usize) -> Result<usize> {
    usize::try_from(index).ok().filter(|&i| i < size).ok_or_else(|| {
        Error::argument(format!("{name}: index {index} is out of range for an axis of {size} elements"))
    })
}
