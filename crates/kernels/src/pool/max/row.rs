//! A row of windows in registers.

use crate::pool::shape::PoolShape;
use crate::tile::simd::{Operation, Simd};
use std::ops::Range;

/// Most vectors of channels whose cells pass at a time: the maximum of one waits for that of the cell before.
const MOST: usize = 4;

/// Finds what wins in each window of a row, whose cells have numbers below 256. Among numbers alone: `numbers` becomes
/// false where a cell is NaN, and perhaps where one is infinite, and what was found then means nothing.
///
/// # Safety of `run`
/// The buffers are those of the shape.
pub struct Row<'a> {
    pub shape: &'a PoolShape,
    /// Of all images.
    pub row: usize,
    pub input: *const f32,
    pub value: *mut f32,
    pub index: *mut u8,
    pub numbers: &'a mut bool,
}

/// What of a window lies inside the input.
struct Window {
    ky: Range<usize>,
    kx: Range<usize>,
    /// Its first cell, and where it goes.
    from: *const f32,
    to: usize,
}

impl Operation for Row<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        let (s, c) = (self.shape, self.shape.c);
        let (image, oy) = (self.row / s.oh, self.row % s.oh);
        let (ky, y) = s.window_rows(oy);
        let line = self.input.wrapping_add((image * s.h + y) * s.w * c);
        // Zero, or NaN.
        let mut odd = [simd.splat(0.0); MOST];
        for ox in 0..s.ow {
            let (kx, x) = s.window_columns(ox);
            let from = line.wrapping_add(x * c);
            let window = Window { ky: ky.clone(), kx, from, to: (self.row * s.ow + ox) * c };
            let (all, mut first) = (simd.mask(S::LANES), 0);
            while first < c {
                let whole = (c - first) / S::LANES;
                // SAFETY: the caller's promise; so many channels are left.
                unsafe {
                    first += match whole {
                        4.. => self.best::<S, 4>(simd, &window, first, all, &mut odd),
                        2.. => self.best::<S, 2>(simd, &window, first, all, &mut odd),
                        1 => self.best::<S, 1>(simd, &window, first, all, &mut odd),
                        _ => self.best::<S, 1>(simd, &window, first, simd.mask(c - first), &mut odd),
                    }
                }
            }
        }
        let mut lanes = [0.0; 16];
        for odd in odd {
            // SAFETY: no vector has more lanes.
            unsafe { simd.store(lanes.as_mut_ptr(), odd) };
            *self.numbers &= lanes.iter().all(|&lane| lane == 0.0);
        }
    }
}

impl Row<'_> {
    /// Finds what wins in vectors of a window's channels, and gives how many channels that may have been.
    ///
    /// # Safety
    /// As `run`; the mask's lanes of each vector from channel `first` on are there.
    #[inline(always)]
    unsafe fn best<S: Simd, const N: usize>(
        &self,
        simd: S,
        window: &Window,
        first: usize,
        mask: S::Mask,
        odd: &mut [S::Vector; MOST],
    ) -> usize {
        let Window { ky, kx, from, to } = window;
        let start = (ky.start * self.shape.kw + kx.start) as f32;
        let (mut best, mut winner) = ([simd.splat(f32::NEG_INFINITY); N], [simd.splat(start); N]);
        let zero = simd.splat(0.0);
        for (row, ky) in ky.clone().enumerate() {
            let line = from.wrapping_add(row * self.shape.w * self.shape.c + first);
            for (column, kx) in kx.clone().enumerate() {
                let cell = simd.splat((ky * self.shape.kw + kx) as f32);
                let at = line.wrapping_add(column * self.shape.c);
                for n in 0..N {
                    // SAFETY: the caller's promise.
                    let x = unsafe { simd.load_masked(at.wrapping_add(n * S::LANES), mask) };
                    winner[n] = simd.where_greater(x, best[n], cell, winner[n]);
                    best[n] = simd.max(x, best[n]);
                    odd[n] = simd.multiply_add(x, zero, odd[n]);
                }
            }
        }
        for n in 0..N {
            let at = to + first + n * S::LANES;
            // SAFETY: the caller's promise.
            unsafe {
                simd.store_masked(self.value.wrapping_add(at), best[n], mask);
                simd.store_bytes(self.index.wrapping_add(at), winner[n], mask);
            }
        }
        N * S::LANES
    }
}
