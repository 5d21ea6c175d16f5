//! The moments of some columns of some lines, which are read once, in the order of memory.

use super::tree::{Tree, join_moments};
use crate::isa::Isa;
use crate::multiversion::multiversioned;
use crate::reduce::fold::Sum;
use crate::reduce::kernel::{Summand, fold_block, fold_joined};
use crate::tile::simd::{Element, Operation, Simd};

/// Lines of the first block, which are read twice, and the most of a block. A block has as many lines as came
/// before it, and so at most twice as many as the last.
pub(super) const FIRST: usize = 8;
const BLOCK: usize = 32;
/// Lines that are added at once: the more, the less often sums are stored. Of long lines fewer, which with
/// the sums crowd the nearest cache.
const AT_ONCE: usize = 4;
const LONG: usize = 768;
const LONG_AT_ONCE: usize = 2;
/// Elements from what is added to what is fetched, whole lines of them: about so many.
const AHEAD: usize = 2048;
/// Floats of the longest vector, and bytes that are fetched at once.
const VECTOR: usize = 16;
const LINE: usize = 64;

/// Some columns of some lines.
pub(super) struct Part {
    /// Where it begins.
    pub x: *const u8,
    /// From line to line.
    pub stride: usize,
    pub width: usize,
    /// Lines that are taken side by side, as one wide line: a power of two. Others than one lie side by side.
    pub join: usize,
}

/// Floats that a part of so many lines needs.
pub(super) fn scratch(lines: usize, width: usize, join: usize) -> usize {
    let blocks = lines.div_ceil(join).div_ceil(BLOCK) + 3;
    let wide = width * join;
    3 * wide.next_multiple_of(VECTOR) + Tree::floats(blocks, wide)
}

impl Part {
    /// Means, and sums of squared deviations from them, of so many lines of the part.
    ///
    /// Deviations are taken from a *shift*, the mean of the block before. Where a block lies far from it, the
    /// sum of squares from the shift is much larger than that from the block's own mean, and rounded as such.
    /// But then both blocks together have a sum as large, and none of its digits is lost: the block before
    /// has at least half as many lines.
    pub fn moments<E: Summand + Element>(
        &self,
        isa: Isa,
        rows: usize,
        scratch: &mut [f32],
        mean: &mut [f32],
        spread: &mut [f32],
    ) {
        let (width, join) = (self.width, self.join);
        let wide = width * join;
        let room = wide.next_multiple_of(VECTOR);
        let (sums, rest) = scratch.split_at_mut(room);
        let (squares, rest) = rest.split_at_mut(room);
        let (shift, rest) = rest.split_at_mut(room);
        // SAFETY: whoever made the part says that its lines are there, and joined ones lie side by side.
        let lines = |from: usize| unsafe {
            Lines { x: self.x.cast::<E>().add(from * self.stride), stride: join * self.stride }
        };
        let whole = rows / join;
        shift.fill(0.0);
        begin(isa, &lines(0), FIRST.min(whole), width, &mut shift[..wide]);
        let mut tree = Tree::new(rest, wide);
        let mut done = 0;
        while done < whole {
            let n = done.clamp(FIRST, BLOCK).min(whole - done);
            let (to_mean, to_spread) = tree.top();
            sums.fill(0.0);
            squares.fill(0.0);
            let add = Add {
                lines: &lines(done * join),
                n,
                wide,
                shift: shift.as_ptr(),
                sums: sums.as_mut_ptr(),
                squares: squares.as_mut_ptr(),
            };
            // SAFETY: the lines are there, and the buffers have room for whole vectors.
            unsafe { isa.enter(add) };
            close(isa, n, [sums, squares, shift], to_mean, to_spread);
            tree.push(isa, n);
            done += n;
        }
        let (means, spreads) = (&mut sums[..wide], &mut squares[..wide]);
        tree.finish(isa, means, spreads);
        let mut count = fold(isa, whole, [means, spreads], width, join);
        mean.copy_from_slice(&means[..width]);
        spread.copy_from_slice(&spreads[..width]);
        while count < rows {
            let more = 1 << (rows - count).ilog2();
            single(isa, &lines(count), &mut means[..more * width], &mut spreads[..more * width]);
            fold(isa, 1, [means, spreads], width, more);
            if count == 0 {
                mean.copy_from_slice(&means[..width]);
                spread.copy_from_slice(&spreads[..width]);
            } else {
                join_moments(isa, count, mean, spread, more, &means[..width], &spreads[..width]);
            }
            count += more;
        }
    }
}

/// Lets the moments of `join` lines that stand side by side, a power of two and each of `count` rows,
/// meet pairwise in the first, and says how many rows that are.
fn fold(isa: Isa, mut count: usize, [means, spreads]: [&mut [f32]; 2], width: usize, join: usize) -> usize {
    let mut left = join;
    while left > 1 {
        left /= 2;
        let (mean, their_mean) = means[..2 * left * width].split_at_mut(left * width);
        let (spread, their_spread) = spreads[..2 * left * width].split_at_mut(left * width);
        if count > 0 {
            join_moments(isa, count, mean, spread, count, their_mean, their_spread);
        }
        count *= 2;
    }
    count
}

/// Lines, which are wide where some are joined.
struct Lines<E> {
    x: *const E,
    /// From line to line.
    stride: usize,
}

impl<E> Lines<E> {
    /// So many elements of a line.
    ///
    /// # Safety
    /// They are there, and nobody writes them meanwhile.
    #[inline(always)]
    unsafe fn get<'a>(&self, line: usize, elements: usize) -> &'a [E] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(self.x.add(line * self.stride), elements) }
    }
}

multiversioned! {
    /// The shift of the first block: less the means of `n` lines, the same for those that are joined. Where
    /// that is not finite it is 0, which leaves finite lines as they are.
    fn begin<E: Summand>(lines: &Lines<E>, n: usize, width: usize, shift: &mut [f32]) {
        let wide = shift.len();
        // SAFETY: the part has so many lines.
        fold_block::<Sum, f32, E>(shift, 0..n, |l| unsafe { lines.get(l, wide) });
        fold_joined::<Sum, f32>(shift, width, wide / width);
        let count = (n * (wide / width)) as f32;
        let (first, others) = shift.split_at_mut(width);
        for sum in first.iter_mut() {
            let mean = *sum / count;
            *sum = if mean.is_finite() { -mean } else { 0.0 };
        }
        others.chunks_exact_mut(width).for_each(|copy| copy.copy_from_slice(first));
    }
}

multiversioned! {
    /// The moments of single rows, side by side. The spread is 0, or NaN where a number is not finite.
    fn single<E: Summand>(lines: &Lines<E>, means: &mut [f32], spreads: &mut [f32]) {
        // SAFETY: the part has so many lines.
        let x = unsafe { lines.get(0, means.len()) };
        for ((mean, spread), &x) in means.iter_mut().zip(spreads).zip(x) {
            *mean = x.into();
            *spread = if mean.is_finite() { 0.0 } else { f32::NAN };
        }
    }
}

/// Adds the deviations of `n` lines from the shift, and their squares.
///
/// # Safety of `run`
/// The lines are readable, the others are whole vectors and may be written.
struct Add<'a, E> {
    lines: &'a Lines<E>,
    n: usize,
    /// Elements of a line.
    wide: usize,
    /// What is added to an element: the shift with the other sign.
    shift: *const f32,
    sums: *mut f32,
    squares: *mut f32,
}

impl<E: Element> Operation for Add<'_, E> {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        // SAFETY: the caller's promise.
        match self.wide < LONG {
            true => unsafe { self.add_lines::<S, AT_ONCE>(simd) },
            false => unsafe { self.add_lines::<S, LONG_AT_ONCE>(simd) },
        }
    }
}

impl<E: Element> Add<'_, E> {
    /// Adds all lines, `N` at once.
    ///
    /// # Safety
    /// As `run`.
    #[inline(always)]
    unsafe fn add_lines<S: Simd, const N: usize>(&self, simd: S) {
        let whole = self.n - self.n % N;
        for l in (0..whole).step_by(N) {
            // SAFETY: the caller's promise.
            unsafe { self.add::<S, N>(simd, l) };
        }
        for l in whole..self.n {
            // SAFETY: the caller's promise.
            unsafe { self.add::<S, 1>(simd, l) };
        }
    }

    /// Adds `N` lines from `l` on.
    ///
    /// # Safety
    /// They are there.
    #[inline(always)]
    unsafe fn add<S: Simd, const N: usize>(&self, simd: S, l: usize) {
        let Lines { x, stride } = *self.lines;
        let mut lines = [x; N];
        for (i, line) in lines.iter_mut().enumerate() {
            *line = x.wrapping_add((l + i) * stride);
        }
        let ahead = N * (AHEAD / (N * self.wide)).max(1) * stride;
        let all = self.wide - self.wide % S::LANES;
        for at in (0..all).step_by(S::LANES) {
            if (at * size_of::<E>()).is_multiple_of(LINE) {
                for line in lines {
                    simd.prefetch(line.wrapping_add(at + ahead).cast());
                }
            }
            // SAFETY: the caller's promise.
            unsafe { self.add_vector(simd, lines, at, simd.mask(S::LANES)) };
        }
        if all < self.wide {
            // SAFETY: as above.
            unsafe { self.add_vector(simd, lines, all, simd.mask(self.wide - all)) };
        }
    }

    /// # Safety
    /// The lines have the elements inside `mask` from `at` on.
    #[inline(always)]
    unsafe fn add_vector<S: Simd, const N: usize>(
        &self,
        simd: S,
        lines: [*const E; N],
        at: usize,
        mask: S::Mask,
    ) {
        let (sums, squares) = (self.sums.wrapping_add(at), self.squares.wrapping_add(at));
        // SAFETY: the caller's promise.
        unsafe {
            let shift = simd.load(self.shift.wrapping_add(at));
            // No closures: one that is not inlined is compiled for the baseline.
            let mut apart = [shift; N];
            let mut square = simd.load(squares);
            for i in 0..N {
                apart[i] = simd.add(E::load(simd, lines[i].wrapping_add(at), mask), shift);
                square = simd.multiply_add(apart[i], apart[i], square);
            }
            simd.store(squares, square);
            let mut left = N;
            while left > 1 {
                left /= 2;
                for i in 0..left {
                    apart[i] = simd.add(apart[i], apart[i + left]);
                }
            }
            simd.store(sums, simd.add(simd.load(sums), apart[0]));
        }
    }
}

multiversioned! {
    /// Makes means of the sums of `n` lines, and sums of squared deviations from them. The means are the next
    /// shift, which has the other sign.
    fn close(n: usize, buffers: [&mut [f32]; 3], to_mean: &mut [f32], to_spread: &mut [f32]) {
        let [sums, squares, shift] = buffers;
        let part = 1.0 / n as f32;
        for j in 0..to_mean.len() {
            let off = sums[j] * part;
            let (mean, spread) = (off - shift[j], squares[j] - sums[j] * off);
            to_mean[j] = mean;
            // Rounding may leave a little less than nothing.
            to_spread[j] = if spread < 0.0 { 0.0 } else { spread };
            shift[j] = if mean.is_finite() { -mean } else { shift[j] };
        }
    }
}
