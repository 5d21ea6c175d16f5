//! Totals: sums over the leading sides of a program's shape, taken from each strip while it is in the
//! first-level cache. The lines of a few strips are summed to one, which joins a pairwise tree over the
//! chunk's strips; what the chunks found meets in the tree that reductions end in.

use std::ops::Range;

use fovea_core::{Bf16, DType};

use super::plan::Cut;
use super::program::Total;
use crate::isa::Isa;
use crate::multiversion::multiversioned;
use crate::reduce::{Combine, Mean, Sum, Summand, fold_into, fold_joined, fold_more, merge};
use crate::routine::PhaseSpec;

/// Narrow lines are summed side by side up to this many elements, to hide the latency of the sums.
const JOINED: usize = 128;
/// Lines that are summed one after the other before they join the tree: joining costs another pass.
const BLOCK: usize = 16;

/// Strips that make one line of `kept` elements, or one where a strip is whole lines.
pub(super) fn strips_of_line(cut: &Cut, kept: usize) -> usize {
    if cut.strips == 0 || cut.k * cut.inner >= kept { 1 } else { kept / (cut.size * cut.inner) * cut.pieces }
}

#[derive(Debug)]
pub(super) struct TotalPlan {
    pub reg: Option<u16>,
    dtype: DType,
    mean: bool,
    strips_of_line: usize,
    /// Lines that are summed side by side.
    join: usize,
    /// Strips, or lines of several strips, that are summed before they join the tree.
    block: usize,
    /// Where the tree stands in a chunk's scratch, in bytes, and its lines.
    tree: usize,
    levels: usize,
    /// Where the partial totals stand in memory that the phases share, in bytes.
    partials: usize,
    /// How the chunks' totals meet.
    combine: Combine,
}

impl TotalPlan {
    /// A total of a program with so many elements, whose chunks have at most so many strips, and whose lines
    /// begin anew after `period` elements. `scratch` and `temp` reserve bytes.
    pub fn new(
        cut: &Cut,
        total: Total,
        elements: usize,
        strips_per_chunk: usize,
        period: usize,
        scratch: &mut impl FnMut(usize) -> usize,
        temp: &mut impl FnMut(usize) -> usize,
    ) -> TotalPlan {
        let Total { reg, dtype, kept, mean } = total;
        assert!(dtype.is_float(), "floats are summed");
        let longest = cut.k * cut.inner;
        let strips_of_line = strips_of_line(cut, kept);
        // Lines that are added as they are computed are as long as those of the operands.
        let joined = if reg.is_none() { period } else { JOINED.min(longest) };
        let join = (joined / kept.max(1)).max(1);
        let block = (BLOCK * join * kept / longest.max(1)).clamp(1, BLOCK);
        let blocks = (strips_per_chunk / strips_of_line).div_ceil(block);
        let levels = blocks.max(1).ilog2() as usize + 2;
        let parts = cut.strips.div_ceil(strips_per_chunk);
        TotalPlan {
            reg,
            dtype,
            mean,
            strips_of_line,
            join,
            block,
            tree: scratch(levels * join * kept * size_of::<f32>()),
            levels,
            partials: if parts == 1 { 0 } else { temp(parts * kept * size_of::<f32>()) },
            combine: Combine { parts, results: kept, count: elements / kept.max(1) },
        }
    }

    /// The phase in which the chunks' totals meet; there is none where one chunk does it all.
    pub fn phase(&self) -> Option<PhaseSpec> {
        (self.combine.parts != 1).then(|| self.combine.phase(size_of::<f32>()))
    }

    fn width(&self) -> usize {
        self.combine.results * self.join
    }

    /// # Safety
    /// `scratch` is that of a chunk.
    unsafe fn tree<'a>(&self, scratch: *mut u8) -> &'a mut [f32] {
        // SAFETY: the layout of the scratch reserves as much for the tree.
        unsafe { std::slice::from_raw_parts_mut(scratch.add(self.tree).cast(), self.levels * self.width()) }
    }

    /// The sums that the `n` elements of the chunk's strip number `index` are added to, which begins at element
    /// `at` of the program's shape, and whether nothing was yet: then they are anything.
    ///
    /// # Safety
    /// `scratch` is the chunk's.
    unsafe fn open<'a>(
        &self,
        isa: Isa,
        index: usize,
        at: usize,
        n: usize,
        scratch: *mut u8,
    ) -> (&'a mut [f32], bool) {
        // SAFETY: promised by the caller.
        let tree = unsafe { self.tree(scratch) };
        let (width, line) = (self.width(), index / self.strips_of_line);
        let begin = at % self.combine.results;
        let span = if self.strips_of_line == 1 { 0..width } else { begin..begin + n };
        if line % self.block == 0 {
            merge_complete(isa, tree, width, span.clone(), line / self.block);
        }
        let top = (line / self.block).count_ones() as usize;
        (&mut tree[top * width..][span], line % self.block == 0)
    }

    /// As [`open`](TotalPlan::open), with sums of nothing where there were none.
    ///
    /// # Safety
    /// As there.
    pub unsafe fn sums<'a>(
        &self,
        isa: Isa,
        index: usize,
        at: usize,
        n: usize,
        scratch: *mut u8,
    ) -> &'a mut [f32] {
        // SAFETY: passed on.
        let (sums, fresh) = unsafe { self.open(isa, index, at, n, scratch) };
        if fresh {
            sums.fill(0.0);
        }
        sums
    }

    /// Adds the `n` elements of the chunk's strip number `index`, which begins at element `at` of the
    /// program's shape.
    ///
    /// # Safety
    /// `elements` are those of the strip, `scratch` is the chunk's.
    pub unsafe fn add(
        &self,
        isa: Isa,
        index: usize,
        at: usize,
        elements: *const u8,
        n: usize,
        scratch: *mut u8,
    ) {
        // SAFETY: promised by the caller.
        unsafe {
            let (sums, fresh) = self.open(isa, index, at, n, scratch);
            match self.dtype {
                DType::Bf16 => {
                    add_strip(isa, sums, fresh, std::slice::from_raw_parts(elements.cast::<Bf16>(), n))
                }
                _ => add_strip(isa, sums, fresh, std::slice::from_raw_parts(elements.cast::<f32>(), n)),
            }
        }
    }

    /// Sums the tree of a chunk with so many strips, to the result or to the chunk's partial total.
    ///
    /// # Safety
    /// As [`super::Map::run`]; every strip was added.
    pub unsafe fn finish(
        &self,
        isa: Isa,
        chunk: usize,
        strips: usize,
        output: *mut u8,
        temp: *mut u8,
        scratch: *mut u8,
    ) {
        let Combine { parts, results, count } = self.combine;
        // SAFETY: results and partial totals have `results` elements each.
        let (tree, to) = unsafe {
            let partial = temp.add(self.partials).cast::<f32>().wrapping_add(chunk * results);
            let to = if parts == 1 { output.cast() } else { partial };
            (self.tree(scratch), std::slice::from_raw_parts_mut(to, results))
        };
        let blocks = strips.div_ceil(self.strips_of_line).div_ceil(self.block);
        sum_tree(isa, tree, blocks, self.join, to);
        if parts == 1 && self.mean {
            to.iter_mut().for_each(|sum| *sum /= count as f32);
        }
    }

    /// Lets the chunks' totals meet for some of the results.
    ///
    /// # Safety
    /// As [`super::Map::run`].
    pub unsafe fn combine(&self, isa: Isa, chunk: usize, output: *mut u8, temp: *mut u8, scratch: *mut u8) {
        // SAFETY: every chunk left its total; the rest is promised by the caller.
        unsafe {
            let partials = temp.add(self.partials).cast::<f32>().cast_const();
            let (output, scratch) = (output.cast(), scratch.cast());
            match self.mean {
                true => self.combine.run::<Mean, f32>(isa, chunk, partials, output, scratch),
                false => self.combine.run::<Sum, f32>(isa, chunk, partials, output, scratch),
            }
        }
    }
}

multiversioned! {
    /// Merges columns `span` of the lines of the tree that are complete when so many blocks are in it.
    fn merge_complete(tree: &mut [f32], width: usize, span: Range<usize>, blocks: usize) {
        let last = blocks.saturating_sub(1);
        for merged in 0..last.trailing_ones() {
            merge::<Sum, f32>(tree, (last.count_ones() - merged) as usize, width, span.clone());
        }
    }
}

multiversioned! {
    /// Adds the lines of a strip to a line of the tree, which begins with them if it is `fresh`.
    fn add_strip<E: Summand>(acc: &mut [f32], fresh: bool, strip: &[E]) {
        if fresh {
            acc.fill(0.0);
        }
        let n = acc.len();
        let whole = strip.len() / n.max(1);
        fold_more::<Sum, f32, E>(acc, 0..whole, |l| &strip[l * n..][..n]);
        fold_into::<Sum, f32>(acc, &strip[whole * n..]);
    }
}

multiversioned! {
    /// Sums a tree that has taken so many blocks of `to.len() · join` elements.
    fn sum_tree(tree: &mut [f32], blocks: usize, join: usize, to: &mut [f32]) {
        let width = to.len() * join;
        for top in (1..=blocks.saturating_sub(1).count_ones() as usize).rev() {
            merge::<Sum, f32>(tree, top, width, 0..width);
        }
        fold_joined::<Sum, f32>(tree, to.len(), join);
        to.copy_from_slice(&tree[..to.len()]);
    }
}
