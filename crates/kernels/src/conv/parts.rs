//! A sum over the output pixels of images, cut into parts with a partial result each.

use std::ops::Range;

use crate::isa::Isa;
use crate::routine::{Operands, PhaseSpec, aligned_bytes, share};
use crate::tile::tree::SumPartials;

/// Floats of the result that a chunk of the last phase adds up.
const SUM_LENGTH: usize = 16 * 1024;

/// Some rows of the outputs of some images.
#[derive(Clone, PartialEq, Debug)]
pub struct Extent {
    pub images: Range<usize>,
    pub rows: Range<usize>,
}

impl Extent {
    /// In pieces of about so many rows: of whole images, or of neighbouring rows of one.
    pub fn blocks(self, rows: usize) -> impl Iterator<Item = Extent> {
        let images = (rows / self.rows.len().max(1)).max(1);
        let sets = pieces(self.images, images);
        sets.flat_map(move |images| {
            pieces(self.rows.clone(), rows).map(move |rows| Extent { images: images.clone(), rows })
        })
    }
}

/// Pieces of at most `most`, as even as can be: at least one, even of nothing.
fn pieces(range: Range<usize>, most: usize) -> impl Iterator<Item = Range<usize>> {
    let count = range.len().div_ceil(most.max(1)).max(1);
    (0..count).map(move |index| {
        let piece = share(range.len(), count, index);
        range.start + piece.start..range.start + piece.end
    })
}

/// How the images are cut: into sets, or each into sets of its output's rows.
#[derive(Clone, Copy)]
pub struct Parts {
    images: usize,
    rows: usize,
    /// Sets of images, and sets of rows of each.
    cuts: [usize; 2],
    /// Floats of a result.
    length: usize,
}

impl Parts {
    /// About `wanted` parts, at least one.
    pub fn new(images: usize, rows: usize, wanted: usize, length: usize) -> Parts {
        let across = wanted.clamp(1, images.max(1));
        let down = wanted.div_ceil(across).clamp(1, rows.max(1));
        Parts { images, rows, cuts: [across, down], length }
    }

    pub fn count(&self) -> usize {
        self.cuts[0] * self.cuts[1]
    }

    pub fn extent(&self, part: usize) -> Extent {
        let [across, down] = self.cuts;
        Extent { images: share(self.images, across, part / down), rows: share(self.rows, down, part % down) }
    }

    /// Bytes of the partial results.
    pub fn temp(&self) -> usize {
        if self.count() == 1 { 0 } else { self.count() * aligned_bytes(self.length) }
    }

    /// Where a part's result goes: to the output if it is the only one.
    pub fn result(&self, part: usize, at: &Operands) -> *mut f32 {
        if self.count() == 1 { at.output } else { at.temp.cast::<f32>().wrapping_add(part * self.stride()) }
    }

    /// The phase that adds the partial results.
    pub fn sum_phase(&self) -> Option<PhaseSpec> {
        let cost = (self.count() * self.length) as f64;
        let phase = PhaseSpec { chunks: self.length.div_ceil(SUM_LENGTH), scratch: 0, cost };
        (self.count() > 1).then_some(phase)
    }

    /// Runs a chunk of that phase.
    ///
    /// # Safety
    /// The partial results are complete; the output has room for `length` floats.
    pub unsafe fn sum(&self, isa: Isa, chunk: usize, at: &Operands) {
        let start = chunk * SUM_LENGTH;
        let sum = SumPartials {
            partials: at.temp.cast::<f32>().cast_const().wrapping_add(start),
            stride: self.stride(),
            count: self.count(),
            to: at.output.wrapping_add(start),
            length: (self.length - start).min(SUM_LENGTH),
        };
        // SAFETY: the partial results lie in `temp`, one after another.
        unsafe { isa.enter(sum) };
    }

    /// Floats from one partial result to the next.
    fn stride(&self) -> usize {
        aligned_bytes(self.length) / size_of::<f32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_their_blocks_hold_every_row_once() {
        for (images, rows) in [(1, 1), (1, 7), (3, 5), (8, 14), (5, 1), (0, 3), (2, 0)] {
            for wanted in [1, 2, 3, 4, 8, 20, 99] {
                let parts = Parts::new(images, rows, wanted, 1);
                assert!(parts.count() >= wanted.min(images) && parts.count() <= images.max(1) * rows.max(1));
                for most in [1, 3, 8, 100] {
                    let mut seen = vec![0; images * rows];
                    for part in 0..parts.count() {
                        for block in parts.extent(part).blocks(most) {
                            assert!(block.images.len() * block.rows.len() <= most.max(1));
                            for image in block.images {
                                block.rows.clone().for_each(|row| seen[image * rows + row] += 1);
                            }
                        }
                    }
                    assert!(seen.iter().all(|&count| count == 1), "{images} {rows} {wanted} {most}");
                }
            }
        }
    }
}
