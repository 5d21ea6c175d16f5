//! Mean and variance of columns, with one reading of memory: lines are taken in blocks, whose deviations
//! from the mean of the block before are summed with their squares, and blocks meet by Chan's formula in a
//! pairwise tree. So a large mean takes no digits from a small variance.

mod part;
mod tree;

use std::ops::Range;

use fovea_core::{Bf16, DType};

use crate::isa::Isa;
use crate::routine::{PhaseSpec, aligned_bytes, even_count, share};
use part::Part;
use tree::Tree;

/// Elements of a chunk.
const CHUNK: usize = 128 << 10;
/// Columns that are worked on at a time.
const TILE: usize = 1024;
/// Narrow lines are taken side by side until they have so many elements, to hide the latency of the sums.
const JOINED: usize = 256;

/// Mean and population variance of each column of a matrix.
#[derive(Debug)]
pub struct Moments {
    isa: Isa,
    dtype: DType,
    rows: usize,
    columns: usize,
    /// Columns of a chunk, and how many chunks share a line.
    tile: usize,
    tiles: usize,
    /// Lines that are taken side by side.
    join: usize,
    /// Parts of the lines, each with a partial result.
    splits: usize,
    phases: Vec<PhaseSpec>,
}

impl Moments {
    /// Of `rows` lines of `columns` contiguous numbers, float32 or bfloat16. Of no lines, both are NaN.
    pub fn new(isa: Isa, dtype: DType, rows: usize, columns: usize) -> Moments {
        let tile =
            columns.div_ceil(columns.div_ceil(TILE).max(1)).next_multiple_of(16).clamp(1, columns.max(1));
        let tiles = columns.div_ceil(tile);
        let join = JOINED.div_ceil(tile).next_power_of_two().min(1 << rows.max(1).ilog2());
        let units = rows.div_ceil(part::FIRST * join);
        let chunks = even_count((rows * columns).div_ceil(CHUNK));
        let splits = chunks.div_ceil(tiles.max(1)).clamp(1, units.clamp(1, 256));
        let longest = units.div_ceil(splits) * part::FIRST * join;
        let floats = part::scratch(longest, tile, join);
        let elements = (rows * columns) as f64;
        let mut phases =
            vec![PhaseSpec { chunks: tiles * splits, scratch: aligned_bytes(floats), cost: elements * 20.0 }];
        if splits > 1 {
            phases.push(PhaseSpec {
                chunks: tiles,
                scratch: aligned_bytes(2 * (splits.ilog2() as usize + 2) * tile),
                cost: (splits * columns) as f64 * 40.0,
            });
        }
        Moments { isa, dtype, rows, columns, tile, tiles, join, splits, phases }
    }

    /// One phase, or two where partial results meet in the second.
    pub fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    /// Bytes for the partial results.
    pub fn temp(&self) -> usize {
        if self.splits > 1 { aligned_bytes(2 * self.splits * self.columns) } else { 0 }
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// `x` holds the matrix, aligned to its elements, `mean` and `variance` have room for a number for each column; `temp` and
    /// `scratch` have the stated sizes and are 64-byte aligned.
    pub unsafe fn run(
        &self,
        phase: usize,
        chunk: usize,
        x: *const u8,
        [mean, variance]: [*mut f32; 2],
        temp: *mut f32,
        scratch: *mut f32,
    ) {
        let (tile, split) = (chunk % self.tiles, chunk / self.tiles);
        let columns = tile * self.tile..self.columns.min((tile + 1) * self.tile);
        let width = columns.len();
        let floats = self.phases[phase].scratch / size_of::<f32>();
        let numbers = |from: *mut f32, at: usize| {
            // SAFETY: results and partial results have a number for each column.
            unsafe { std::slice::from_raw_parts_mut(from.add(at + columns.start), width) }
        };
        let partial = |part: usize| [0, 1].map(|k| numbers(temp, (2 * part + k) * self.columns));
        // SAFETY: the caller's promise.
        let scratch = unsafe { std::slice::from_raw_parts_mut(scratch, floats) };
        let whole = self.splits == 1;
        let [to_mean, to_spread] = match phase == 0 && !whole {
            true => partial(split),
            false => [numbers(mean, 0), numbers(variance, 0)],
        };
        if phase == 1 {
            let mut tree = Tree::new(scratch, width);
            for part in 0..self.splits {
                let [mean, spread] = partial(part);
                let (to_mean, to_spread) = tree.top();
                to_mean.copy_from_slice(mean);
                to_spread.copy_from_slice(spread);
                tree.push(self.isa, self.lines(part).len());
            }
            tree.finish(self.isa, to_mean, to_spread);
        } else {
            let lines = self.lines(split);
            // SAFETY: the part lies inside the matrix.
            let x = unsafe { x.add((lines.start * self.columns + columns.start) * self.dtype.size()) };
            let (rows, join) = (lines.len(), self.join);
            let part = Part { x, stride: self.columns, width, join };
            match self.dtype {
                DType::Bf16 => part.moments::<Bf16>(self.isa, rows, scratch, to_mean, to_spread),
                _ => part.moments::<f32>(self.isa, rows, scratch, to_mean, to_spread),
            }
        }
        if phase == 1 || whole {
            let count = self.rows as f32;
            to_spread.iter_mut().for_each(|spread| *spread /= count);
            if self.rows == 0 {
                to_mean.fill(f32::NAN);
            }
        }
    }

    /// The lines of one part.
    fn lines(&self, split: usize) -> Range<usize> {
        let unit = part::FIRST * self.join;
        let units = share(self.rows.div_ceil(unit), self.splits, split);
        units.start * unit..self.rows.min(units.end * unit)
    }
}
