//! Mean and spread of each channel of a result, found on its way to memory: what a normalisation would read it
//! again for.

use super::simd::Simd;

/// Numbers for each lane: mean, sum of squared deviations from it, and what rounding took from either.
pub const NUMBERS: usize = 4;

/// Where the moments of the results so far stand, [`NUMBERS`] one after the other for all lanes, from a lane on. A tile
/// adds its rows to them.
#[derive(Clone, Copy)]
pub struct Statistics {
    /// Null if nobody wants them.
    at: *mut f32,
    /// From number to number.
    lanes: usize,
    /// How many results of each lane are in there; if none, nothing was written yet.
    before: usize,
}

impl Statistics {
    /// Of nothing.
    pub const NONE: Statistics = Statistics { at: std::ptr::null_mut(), lanes: 0, before: 0 };

    /// Of no results yet, of so many lanes in all.
    pub fn new(at: *mut f32, lanes: usize) -> Statistics {
        Statistics { at, lanes, before: 0 }
    }

    /// From so many lanes on, when so many results of each are in there.
    pub fn at(self, lane: usize, before: usize) -> Statistics {
        let at = if self.wanted() { self.at.wrapping_add(lane) } else { self.at };
        Statistics { at, before, ..self }
    }

    /// Whether somebody wants them.
    #[inline(always)]
    pub fn wanted(&self) -> bool {
        !self.at.is_null()
    }

    /// Takes in a tile's results, whose last vector is cut to `mask`: their mean first, then the deviations from it, so
    /// that a large mean takes no digits from a small variance. Both meet what was there by Chan's formula, and are
    /// summed as Kahan does: there may be hundreds of tiles.
    ///
    /// # Safety
    /// The tile's lanes are readable and writable there.
    #[expect(
        clippy::needless_range_loop,
        reason = "through an iterator the compiler keeps the sums in memory"
    )]
    #[inline(always)]
    pub unsafe fn take<S: Simd, const ROWS: usize, const VECTORS: usize>(
        &self,
        simd: S,
        results: &[[S::Vector; VECTORS]; ROWS],
        mask: S::Mask,
    ) {
        let (zero, less) = (simd.splat(0.0), simd.splat(-1.0));
        let (count, before) = (ROWS as f32, self.before as f32);
        let share = count / (before + count);
        let all = simd.mask(S::LANES);
        for n in 0..VECTORS {
            // Two sums each, to hide their latency.
            let mut sums = [zero; 2];
            for m in 0..ROWS {
                sums[m % 2] = simd.add(sums[m % 2], results[m][n]);
            }
            let mean = simd.multiply_add(simd.add(sums[0], sums[1]), simd.splat(1.0 / count), zero);
            let mut squares = [zero; 2];
            for m in 0..ROWS {
                let apart = simd.multiply_add(mean, less, results[m][n]);
                squares[m % 2] = simd.multiply_add(apart, apart, squares[m % 2]);
            }
            let spread = simd.add(squares[0], squares[1]);
            let mask = if n + 1 == VECTORS { mask } else { all };
            let place = |number: usize| self.at.wrapping_add(number * self.lanes + n * S::LANES);
            // SAFETY: the caller's promise.
            unsafe {
                if self.before == 0 {
                    for (number, value) in [mean, spread, zero, zero].into_iter().enumerate() {
                        simd.store_masked(place(number), value, mask);
                    }
                    continue;
                }
                let apart = simd.multiply_add(simd.load_masked(place(0), mask), less, mean);
                let square = simd.multiply_add(apart, apart, zero);
                let parts = [
                    simd.multiply_add(apart, simd.splat(share), zero),
                    simd.multiply_add(square, simd.splat(before * share), spread),
                ];
                for (number, part) in parts.into_iter().enumerate() {
                    let (sum, rest) = (place(number), place(2 + number));
                    let old = simd.load_masked(sum, mask);
                    let part = simd.add(part, simd.load_masked(rest, mask));
                    let new = simd.add(old, part);
                    let grown = simd.multiply_add(old, less, new);
                    simd.store_masked(sum, new, mask);
                    simd.store_masked(rest, simd.multiply_add(grown, less, part), mask);
                }
            }
        }
    }
}
