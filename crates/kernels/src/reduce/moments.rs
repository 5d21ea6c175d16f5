//! Mean and variance of columns, with one reading of memory: lines are taken in blocks, whose deviations
//! from the mean of the block before are summed with their squares, and blocks meet by Chan's formula in a
//! pairwise tree. So a large mean takes no digits from a small variance.

mod meet;
mod part;
mod tree;

use std::ops::Range;

use fovea_core::{Bf16, DType};

use crate::isa::Isa;
use crate::routine::{PhaseSpec, aligned_bytes, even_count, share};
pub(crate) use meet::Meet;
use meet::settle;
use part::Part;

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
    /// Parts of the lines, each with a partial result, and where those meet if there are several.
    splits: usize,
    meet: Option<Meet>,
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
        let lines = (0..splits).map(|split| lines(rows, join, splits, split).len());
        let meet = (splits > 1).then(|| Meet::new(isa, columns, tile, lines.collect(), 2));
        let first =
            PhaseSpec { chunks: tiles * splits, scratch: aligned_bytes(floats), cost: elements * 20.0 };
        let phases = [first].into_iter().chain(meet.iter().map(Meet::phase)).collect();
        Moments { isa, dtype, rows, columns, tile, tiles, join, splits, meet, phases }
    }

    /// One phase, or two where partial results meet in the second.
    pub fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    /// Bytes for the partial results.
    pub fn temp(&self) -> usize {
        self.meet.as_ref().map_or(0, Meet::temp)
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
        if phase == 1 {
            // SAFETY: the caller's promise; the first phase is complete.
            let run = |meet: &Meet| unsafe { meet.run(chunk, temp, [mean, variance], scratch) };
            return self.meet.iter().for_each(run);
        }
        let (tile, split) = (chunk % self.tiles, chunk / self.tiles);
        let columns = tile * self.tile..self.columns.min((tile + 1) * self.tile);
        let width = columns.len();
        let to = self.meet.as_ref().map_or([mean, variance], |meet| meet.moments(temp, split));
        // SAFETY: results and partial results have a number for each column.
        let [to_mean, to_spread] =
            to.map(|to| unsafe { std::slice::from_raw_parts_mut(to.add(columns.start), width) });
        let floats = self.phases[phase].scratch / size_of::<f32>();
        // SAFETY: the caller's promise.
        let scratch = unsafe { std::slice::from_raw_parts_mut(scratch, floats) };
        let lines = lines(self.rows, self.join, self.splits, split);
        // SAFETY: the part lies inside the matrix.
        let x = unsafe { x.add((lines.start * self.columns + columns.start) * self.dtype.size()) };
        let (rows, join) = (lines.len(), self.join);
        let part = Part { x, stride: self.columns, width, join };
        match self.dtype {
            DType::Bf16 => part.moments::<Bf16>(self.isa, rows, scratch, to_mean, to_spread),
            _ => part.moments::<f32>(self.isa, rows, scratch, to_mean, to_spread),
        }
        if self.meet.is_none() {
            settle(self.rows, to_mean, to_spread);
        }
    }
}

/// The lines of one part of so many.
fn lines(rows: usize, join: usize, splits: usize, split: usize) -> Range<usize> {
    let unit = part::FIRST * join;
    let units = share(rows.div_ceil(unit), splits, split);
    units.start * unit..rows.min(units.end * unit)
}
