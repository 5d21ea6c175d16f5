//! Totals: sums over the leading sides of a program's shape, taken from each strip while it is in the
//! first-level cache. The lines of a strip are summed to one, which joins a pairwise tree over the
//! chunk's strips; what the chunks found meets in the tree that reductions end in.

use std::ops::Range;

use super::plan::Cut;
use super::program::Total;
use crate::isa::Isa;
use crate::multiversion::multiversioned;
use crate::reduce::{Combine, Mean, Sum, fold_block, fold_into, fold_joined, merge};
use crate::routine::PhaseSpec;

/// Narrow lines are summed side by side up to this many elements, to hide the latency of the sums.
const JOINED: usize = 128;

/// Strips that make one line of `kept` elements, or one where a strip is whole lines.
pub(super) fn strips_of_line(cut: &Cut, kept: usize) -> usize {
    if cut.strips == 0 || cut.k * cut.inner >= kept { 1 } else { kept / (cut.size * cut.inner) * cut.pieces }
}

#[derive(Debug)]
pub(super) struct TotalPlan {
    pub reg: u16,
    mean: bool,
    strips_of_line: usize,
    /// Lines that are summed side by side.
    join: usize,
    /// Where the tree stands in a chunk's scratch, in bytes, and its lines.
    tree: usize,
    levels: usize,
    /// Where the partial totals stand in memory that the phases share, in bytes.
    partials: usize,
    /// How the chunks' totals meet.
    combine: Combine,
}

impl TotalPlan {
    /// A total of a program with so many elements, whose chunks have at most so many strips. `scratch`
    /// and `temp` reserve bytes.
    pub fn new(
        cut: &Cut,
        total: Total,
        elements: usize,
        strips_per_chunk: usize,
        scratch: &mut impl FnMut(usize) -> usize,
        temp: &mut impl FnMut(usize) -> usize,
    ) -> TotalPlan {
        let Total { reg, kept, mean } = total;
        let longest = cut.k * cut.inner;
        let strips_of_line = strips_of_line(cut, kept);
        let join = (JOINED.min(longest) / kept.max(1)).max(1);
        let levels = (strips_per_chunk / strips_of_line).max(1).ilog2() as usize + 2;
        let parts = cut.strips.div_ceil(strips_per_chunk);
        TotalPlan {
            reg,
            mean,
            strips_of_line,
            join,
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
        elements: *const f32,
        n: usize,
        scratch: *mut u8,
    ) {
        // SAFETY: promised by the caller.
        let (tree, strip) = unsafe { (self.tree(scratch), std::slice::from_raw_parts(elements, n)) };
        let (width, line) = (self.width(), index / self.strips_of_line);
        let begin = at % self.combine.results;
        let span = if self.strips_of_line == 1 { 0..width } else { begin..begin + n };
        add_strip(isa, tree, width, span, line, strip);
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
        let lines = strips.div_ceil(self.strips_of_line);
        sum_tree(isa, tree, lines, self.join, to);
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
    /// Sums the lines of a strip in columns `span` of the tree's topmost line, which is number `line` of
    /// all, then merges the lines that became complete.
    fn add_strip(tree: &mut [f32], width: usize, span: Range<usize>, line: usize, strip: &[f32]) {
        let mut top = line.count_ones() as usize;
        let acc = &mut tree[top * width..][span.clone()];
        let whole = strip.len() / acc.len();
        let n = acc.len();
        fold_block::<Sum, f32>(acc, 0..whole, |l| &strip[l * n..][..n]);
        fold_into::<Sum, f32>(acc, &strip[whole * n..]);
        for _ in 0..line.trailing_ones() {
            merge::<Sum, f32>(tree, top, width, span.clone());
            top -= 1;
        }
    }
}

multiversioned! {
    /// Sums a tree that has taken so many lines of `to.len() · join` elements.
    fn sum_tree(tree: &mut [f32], lines: usize, join: usize, to: &mut [f32]) {
        let width = to.len() * join;
        for top in (1..lines.count_ones() as usize).rev() {
            merge::<Sum, f32>(tree, top, width, 0..width);
        }
        fold_joined::<Sum, f32>(tree, to.len(), join);
        to.copy_from_slice(&tree[..to.len()]);
    }
}
