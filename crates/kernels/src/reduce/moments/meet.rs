//! Where the moments of parts meet.

use super::tree::Tree;
use crate::isa::Isa;
use crate::routine::{PhaseSpec, aligned_bytes};

/// The last phase of a computation whose chunks leave the moments of parts of the lines.
#[derive(Debug)]
pub(crate) struct Meet {
    isa: Isa,
    columns: usize,
    /// Columns of a chunk.
    tile: usize,
    /// Lines of each part.
    parts: Vec<usize>,
    /// Numbers that a part leaves for each column, of which the first two are its mean and its sum of squared
    /// deviations.
    numbers: usize,
}

impl Meet {
    pub fn new(isa: Isa, columns: usize, tile: usize, parts: Vec<usize>, numbers: usize) -> Meet {
        Meet { isa, columns, tile, parts, numbers }
    }

    pub fn phase(&self) -> PhaseSpec {
        PhaseSpec {
            chunks: self.columns.div_ceil(self.tile),
            scratch: aligned_bytes(Tree::floats(self.parts.len(), self.tile)),
            cost: (self.parts.len() * self.columns) as f64 * 40.0,
        }
    }

    /// Bytes for what the parts leave.
    pub fn temp(&self) -> usize {
        aligned_bytes(self.numbers * self.parts.len() * self.columns)
    }

    /// Where a part leaves its numbers, the first of all columns first.
    pub fn partial(&self, temp: *mut f32, part: usize) -> *mut f32 {
        temp.wrapping_add(self.numbers * part * self.columns)
    }

    /// The means and the sums of squared deviations among them.
    pub fn moments(&self, temp: *mut f32, part: usize) -> [*mut f32; 2] {
        let mean = self.partial(temp, part);
        [mean, mean.wrapping_add(self.columns)]
    }

    /// Lets those of some columns meet, as mean and population variance.
    ///
    /// # Safety
    /// Every part has left its own, the results have room for a number for each column; `temp` and `scratch` have the
    /// stated sizes and are 64-byte aligned.
    pub unsafe fn run(&self, chunk: usize, temp: *mut f32, to: [*mut f32; 2], scratch: *mut f32) {
        let start = chunk * self.tile;
        let width = self.tile.min(self.columns - start);
        // SAFETY: the caller's promise.
        let numbers = |from: *mut f32| unsafe { std::slice::from_raw_parts_mut(from.add(start), width) };
        let floats = Tree::floats(self.parts.len(), self.tile);
        // SAFETY: as above.
        let mut tree = Tree::new(unsafe { std::slice::from_raw_parts_mut(scratch, floats) }, width);
        for (part, &lines) in self.parts.iter().enumerate() {
            let [mean, spread] = self.moments(temp, part).map(numbers);
            let (to_mean, to_spread) = tree.top();
            to_mean.copy_from_slice(mean);
            to_spread.copy_from_slice(spread);
            tree.push(self.isa, lines);
        }
        let [mean, variance] = to.map(numbers);
        tree.finish(self.isa, mean, variance);
        settle(self.parts.iter().sum(), mean, variance);
    }
}

/// Makes variances of sums of squared deviations in so many lines. Of nothing, both moments are NaN.
pub(super) fn settle(lines: usize, mean: &mut [f32], spread: &mut [f32]) {
    let count = lines as f32;
    spread.iter_mut().for_each(|spread| *spread /= count);
    if lines == 0 {
        mean.fill(f32::NAN);
    }
}
