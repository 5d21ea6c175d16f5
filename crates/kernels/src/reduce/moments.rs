//! Mean and variance of columns, with one reading of memory: a block of lines that fits the cache is
//! summed, then its deviations from its own mean are, and blocks meet by Chan's formula in a pairwise
//! tree. So a large mean takes no digits from a small variance.

use std::ops::Range;

use fovea_core::{Bf16, DType};

use super::fold::Sum;
use super::kernel::{Summand, fold_block, fold_into, fold_joined};
use crate::isa::Isa;
use crate::multiversion::multiversioned;
use crate::routine::{PhaseSpec, aligned_bytes, share};

/// Elements of a chunk.
const CHUNK: usize = 128 << 10;
/// Columns that are worked on at a time.
const TILE: usize = 1024;
/// Elements of a block, and its fewest lines.
const BLOCK: usize = 4096;
const BLOCK_LINES: usize = 32;
/// Narrow lines are taken side by side up to this many elements, to hide the latency of the sums.
const JOINED: usize = 512;

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
    /// Lines of a block, and all blocks.
    block: usize,
    blocks: usize,
    /// Parts of the blocks, each with a partial result.
    splits: usize,
    /// Lines that are taken side by side.
    join: usize,
    phases: Vec<PhaseSpec>,
}

impl Moments {
    /// Of `rows` lines of `columns` contiguous numbers, float32 or bfloat16. Of no lines, both are NaN.
    pub fn new(isa: Isa, dtype: DType, rows: usize, columns: usize) -> Moments {
        let (tile, tiles) = (columns.clamp(1, TILE), columns.div_ceil(TILE));
        let block = (BLOCK / tile).max(BLOCK_LINES);
        let blocks = rows.div_ceil(block);
        let splits = (rows * columns).div_ceil(CHUNK).div_ceil(tiles.max(1)).clamp(1, blocks.clamp(1, 256));
        let join = if tiles == 1 { (JOINED / tile).clamp(1, block) } else { 1 };
        let levels = |lines: usize| lines.max(1).ilog2() as usize + 2;
        let floats = 3 * tile * join + 2 * levels(blocks.div_ceil(splits)) * tile;
        let elements = (rows * columns) as f64;
        let mut phases =
            vec![PhaseSpec { chunks: tiles * splits, scratch: aligned_bytes(floats), cost: elements * 20.0 }];
        if splits > 1 {
            phases.push(PhaseSpec {
                chunks: tiles,
                scratch: aligned_bytes(2 * levels(splits) * tile),
                cost: (splits * columns) as f64 * 40.0,
            });
        }
        Moments { isa, dtype, rows, columns, tile, tiles, block, blocks, splits, join, phases }
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
            let (rows, join, block) = (lines.len(), self.join, self.block);
            let part = Part { x, stride: self.columns, width, join, block };
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
        let blocks = share(self.blocks, self.splits, split);
        blocks.start * self.block..self.rows.min(blocks.end * self.block)
    }
}

/// Some columns of some lines.
struct Part {
    /// Where it begins.
    x: *const u8,
    /// From line to line.
    stride: usize,
    width: usize,
    join: usize,
    block: usize,
}

impl Part {
    /// Means, and sums of squared deviations from them.
    fn moments<E: Summand>(
        &self,
        isa: Isa,
        rows: usize,
        scratch: &mut [f32],
        mean: &mut [f32],
        spread: &mut [f32],
    ) {
        let wide = self.width * self.join;
        let (sums, rest) = scratch.split_at_mut(wide);
        let (drift, rest) = rest.split_at_mut(wide);
        let (means, rest) = rest.split_at_mut(wide);
        let mut tree = Tree::new(rest, self.width);
        for start in (0..rows).step_by(self.block) {
            let n = self.block.min(rows - start);
            let (to_mean, to_spread) = tree.top();
            // SAFETY: whoever made the part says that its lines are there.
            let x = unsafe { self.x.cast::<E>().add(start * self.stride) };
            let lines = Lines { x, stride: self.stride };
            let (width, join) = (self.width, self.join);
            block_moments(isa, &lines, width, join, n, [sums, drift, means], to_mean, to_spread);
            tree.push(isa, n);
        }
        tree.finish(isa, mean, spread);
    }
}

/// So many elements from number `at` on.
///
/// # Safety
/// They are there, and nobody writes them meanwhile.
#[inline(always)]
unsafe fn line<'a, T>(x: *const T, at: usize, elements: usize) -> &'a [T] {
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(x.add(at), elements) }
}

/// The lines of a block.
struct Lines<E> {
    x: *const E,
    /// From line to line.
    stride: usize,
}

multiversioned! {
    /// Means of `n` lines, and sums of squared deviations from them; `join` lines, which are contiguous,
    /// are taken side by side, and the buffers have room for them.
    fn block_moments<E: Summand>(
        lines: &Lines<E>, width: usize, join: usize, n: usize,
        buffers: [&mut [f32]; 3], to_mean: &mut [f32], to_spread: &mut [f32],
    ) {
        let [sums, drift, means] = buffers;
        let wide = sums.len();
        let (whole, rest) = (n / join, n % join * width);
        // SAFETY: the block has so many lines, and joined ones are contiguous.
        let of = |l: usize, elements: usize| unsafe { line(lines.x, l * join * lines.stride, elements) };
        let line = |l: usize| of(l, wide);
        let last = of(whole, rest);
        fold_block::<Sum, f32, E>(sums, 0..whole, line);
        fold_into::<Sum, f32>(sums, last);
        fold_joined::<Sum, f32>(sums, width, join);
        for (mean, &sum) in to_mean.iter_mut().zip(&*sums) {
            *mean = sum / n as f32;
        }
        means.chunks_exact_mut(width).for_each(|copy| copy.copy_from_slice(to_mean));

        // How far the mean was rounded shows in the deviations, which add up to 0 from the right one.
        sums.fill(0.0);
        drift.fill(0.0);
        let mut l = 0;
        while l + 4 <= whole {
            let (x0, x1, x2, x3) = (line(l), line(l + 1), line(l + 2), line(l + 3));
            for j in 0..wide {
                let [d0, d1, d2, d3] = [x0[j], x1[j], x2[j], x3[j]].map(|x| x.into() - means[j]);
                sums[j] += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3);
                drift[j] += (d0 + d1) + (d2 + d3);
            }
            l += 4;
        }
        for x in (l..whole).map(line).chain([last]) {
            for (j, &x) in x.iter().enumerate() {
                let d = x.into() - means[j];
                sums[j] += d * d;
                drift[j] += d;
            }
        }
        fold_joined::<Sum, f32>(sums, width, join);
        fold_joined::<Sum, f32>(drift, width, join);
        for j in 0..width {
            let off = drift[j] / n as f32;
            // The mean of what is infinite stays so.
            to_mean[j] += if off.is_nan() { 0.0 } else { off };
            to_spread[j] = sums[j] - drift[j] * off;
        }
    }
}

multiversioned! {
    /// Lets the moments of `more` rows join those of `count`.
    fn join_moments(
        count: usize, mean: &mut [f32], spread: &mut [f32],
        more: usize, their_mean: &[f32], their_spread: &[f32],
    ) {
        let all = (count + more) as f64;
        let share = (more as f64 / all) as f32;
        let weight = (count as f64 * (more as f64 / all)) as f32;
        for j in 0..mean.len() {
            let apart = their_mean[j] - mean[j];
            mean[j] += apart * share;
            spread[j] += their_spread[j] + apart * apart * weight;
        }
    }
}

/// Moments that wait for partners: a binary counter of pairs.
struct Tree<'s> {
    levels: &'s mut [f32],
    width: usize,
    /// Rows behind each level.
    counts: Vec<usize>,
    pushed: usize,
}

impl<'s> Tree<'s> {
    fn new(levels: &'s mut [f32], width: usize) -> Tree<'s> {
        Tree { levels, width, counts: vec![], pushed: 0 }
    }

    /// Where the next means and sums of squared deviations go, before they are pushed.
    fn top(&mut self) -> (&mut [f32], &mut [f32]) {
        let at = 2 * self.width * self.counts.len();
        self.levels[at..at + 2 * self.width].split_at_mut(self.width)
    }

    /// Takes what is at the top, which is that of `count` rows.
    fn push(&mut self, isa: Isa, count: usize) {
        self.counts.push(count);
        for _ in 0..self.pushed.trailing_ones() {
            self.merge(isa);
        }
        self.pushed += 1;
    }

    fn merge(&mut self, isa: Isa) {
        let (Some(more), Some(count)) = (self.counts.pop(), self.counts.pop()) else { return };
        let pair = 2 * self.width;
        let (below, above) = self.levels.split_at_mut(pair * (self.counts.len() + 1));
        let (mean, spread) = below[pair * self.counts.len()..].split_at_mut(self.width);
        let (their_mean, their_spread) = above[..pair].split_at(self.width);
        join_moments(isa, count, mean, spread, more, their_mean, their_spread);
        self.counts.push(count + more);
    }

    /// All that was pushed; zeros if nothing was.
    fn finish(mut self, isa: Isa, mean: &mut [f32], spread: &mut [f32]) {
        while self.counts.len() > 1 {
            self.merge(isa);
        }
        match self.counts.pop() {
            Some(_) => {
                let (all, rest) = self.levels.split_at(self.width);
                mean.copy_from_slice(all);
                spread.copy_from_slice(&rest[..self.width]);
            }
            None => [mean, spread].into_iter().for_each(|to| to.fill(0.0)),
        }
    }
}
