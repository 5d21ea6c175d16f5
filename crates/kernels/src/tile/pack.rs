//! Copying an operand into the order in which tiles read it.

use super::simd::{Operation, Simd};

/// Rows that are fetched ahead of their use: they may lie pages apart.
const AHEAD: usize = 16;
/// Bytes of a cache line.
pub const LINE: usize = 64;
/// Floats of a cache line, or other words.
pub const LINE_FLOATS: usize = LINE / size_of::<f32>();

/// Copies `rows` rows of `width` floats: `to[row · to_stride + i] = from[row · from_stride + i]`.
///
/// # Safety of `run`
/// Those floats are readable and writable, and do not overlap.
pub struct CopyRows {
    pub from: *const f32,
    pub from_stride: usize,
    pub to: *mut f32,
    pub to_stride: usize,
    pub rows: usize,
    pub width: usize,
}

impl Operation for CopyRows {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        let whole = self.width / S::LANES;
        let rest = self.width % S::LANES;
        let mask = simd.mask(rest.max(1));
        let (mut from, mut to) = (self.from, self.to);
        let ahead = AHEAD.wrapping_mul(self.from_stride);
        for _ in 0..self.rows {
            // SAFETY: the caller's promise, row by row.
            unsafe {
                for vector in 0..whole {
                    let at = vector * S::LANES;
                    simd.prefetch(from.wrapping_add(ahead.wrapping_add(at)));
                    simd.store(to.wrapping_add(at), simd.load(from.wrapping_add(at)));
                }
                if rest > 0 {
                    let at = whole * S::LANES;
                    let value = simd.load_masked(from.wrapping_add(at), mask);
                    simd.store_masked(to.wrapping_add(at), value, mask);
                }
            }
            from = from.wrapping_add(self.from_stride);
            to = to.wrapping_add(self.to_stride);
        }
    }
}

/// Copies rows into panels side by side: lane `i` of a row goes to panel `i / to_stride`.
///
/// # Safety of `run`
/// Those floats are readable and writable, and do not overlap.
pub struct Spread {
    pub from: *const f32,
    pub from_stride: usize,
    pub to: *mut f32,
    /// Floats of a row of a panel: whole vectors.
    pub to_stride: usize,
    /// Floats from panel to panel.
    pub to_panel: usize,
    pub rows: usize,
    pub width: usize,
    /// Floats from what is copied to what is fetched.
    pub ahead: usize,
}

impl Operation for Spread {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        for row in 0..self.rows {
            let from = self.from.wrapping_add(row * self.from_stride);
            let to = self.to.wrapping_add(row * self.to_stride);
            let mut lane = 0;
            let mut panel = to;
            while lane + self.to_stride <= self.width {
                for at in (0..self.to_stride).step_by(S::LANES) {
                    simd.prefetch(from.wrapping_add(self.ahead + lane + at));
                    // SAFETY: the caller's promise.
                    unsafe { simd.store(panel.wrapping_add(at), simd.load(from.wrapping_add(lane + at))) };
                }
                lane += self.to_stride;
                panel = panel.wrapping_add(self.to_panel);
            }
            if lane < self.width {
                let rest = CopyRows {
                    from: from.wrapping_add(lane),
                    from_stride: 0,
                    to: panel,
                    to_stride: 0,
                    rows: 1,
                    width: self.width - lane,
                };
                // SAFETY: the caller's promise.
                unsafe { rest.run(simd) };
            }
        }
    }
}

/// Brings so many bytes closer, before they are read.
pub struct Fetch {
    pub from: *const u8,
    pub bytes: usize,
}

impl Operation for Fetch {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        fetch(simd, self.from, self.bytes);
    }
}

/// [`Fetch`], where the instruction set is known.
#[inline(always)]
pub fn fetch<S: Simd>(simd: S, from: *const u8, bytes: usize) {
    for at in (0..bytes).step_by(LINE) {
        simd.prefetch(from.wrapping_add(at).cast());
    }
}

/// Transposes: `to[column · to_stride + row] = from[row · from_stride + column]`. What is read may be words
/// of bf16, which lie at any even address.
///
/// # Safety of `run`
/// Those floats are readable and writable, and do not overlap.
pub struct Transpose {
    pub from: *const f32,
    pub from_stride: usize,
    pub to: *mut f32,
    pub to_stride: usize,
    pub rows: usize,
    pub columns: usize,
}

/// Edge of the blocks that are turned in registers everywhere.
pub const EDGE: usize = 4;
/// Floats of a row that are turned together with those of the rows below.
const WIDE: usize = 4 * LINE_FLOATS;

impl Operation for Transpose {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        let (rows, columns) = (self.rows - self.rows % EDGE, self.columns - self.columns % EDGE);
        let whole = [rows - rows % S::EDGE, columns - columns % LINE_FLOATS];
        let at = |row: usize, column: usize| {
            let from = self.from.wrapping_add(row * self.from_stride + column);
            (from, self.to.wrapping_add(column * self.to_stride + row))
        };
        // A few lines of few rows at a time: where rows lie pages apart, lines of many do not stay in the nearest
        // cache until all of each has been read.
        for first in (0..whole[1]).step_by(WIDE) {
            let end = whole[1].min(first + WIDE);
            for row in (0..whole[0]).step_by(S::EDGE) {
                // Blocks of whole lines are enough reads at a time.
                if S::EDGE < LINE_FLOATS {
                    for (row, line) in (row + S::EDGE..row + 2 * S::EDGE)
                        .flat_map(|row| (first..end).step_by(LINE_FLOATS).map(move |line| (row, line)))
                    {
                        simd.prefetch(at(row, line).0);
                    }
                }
                for column in (first..end).step_by(S::EDGE) {
                    let (from, to) = at(row, column);
                    // SAFETY: the caller's promise.
                    unsafe { simd.turn(from, self.from_stride, to, self.to_stride) };
                }
            }
        }
        for column in (0..columns).step_by(EDGE) {
            let whole = if column < whole[1] { whole[0] } else { 0 };
            for row in (whole..rows).step_by(EDGE) {
                let (from, to) = at(row, column);
                // SAFETY: the caller's promise.
                unsafe { turn_block(from, self.from_stride, to, self.to_stride) };
            }
        }
        // What whole blocks leave over, on the right and below.
        for (row_range, column_range) in
            [(0..rows, columns..self.columns), (rows..self.rows, 0..self.columns)]
        {
            for column in column_range {
                for row in row_range.clone() {
                    // SAFETY: the caller's promise.
                    unsafe {
                        *self.to.wrapping_add(column * self.to_stride + row) =
                            self.from.wrapping_add(row * self.from_stride + column).read_unaligned();
                    }
                }
            }
        }
    }
}

/// Turns a block of `EDGE` rows and columns.
///
/// # Safety
/// It can be read and written.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub unsafe fn turn_block(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
    use std::arch::x86_64::*;
    // SAFETY: the caller's promise; SSE is part of the baseline.
    unsafe {
        let a = _mm_loadu_ps(from);
        let b = _mm_loadu_ps(from.wrapping_add(from_stride));
        let c = _mm_loadu_ps(from.wrapping_add(2 * from_stride));
        let d = _mm_loadu_ps(from.wrapping_add(3 * from_stride));
        let (ab, cd) = (_mm_unpacklo_ps(a, b), _mm_unpacklo_ps(c, d));
        let (ab_high, cd_high) = (_mm_unpackhi_ps(a, b), _mm_unpackhi_ps(c, d));
        _mm_storeu_ps(to, _mm_movelh_ps(ab, cd));
        _mm_storeu_ps(to.wrapping_add(to_stride), _mm_movehl_ps(cd, ab));
        _mm_storeu_ps(to.wrapping_add(2 * to_stride), _mm_movelh_ps(ab_high, cd_high));
        _mm_storeu_ps(to.wrapping_add(3 * to_stride), _mm_movehl_ps(cd_high, ab_high));
    }
}

/// Turns a block of `EDGE` rows and columns.
///
/// # Safety
/// It can be read and written.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
pub unsafe fn turn_block(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
    use std::arch::aarch64::*;
    // SAFETY: the caller's promise; NEON is part of the baseline.
    unsafe {
        let a = vld1q_f32(from);
        let b = vld1q_f32(from.wrapping_add(from_stride));
        let c = vld1q_f32(from.wrapping_add(2 * from_stride));
        let d = vld1q_f32(from.wrapping_add(3 * from_stride));
        // Every second row first, so that the second interleaving leaves the columns.
        let (ac, bd) = (vzip1q_f32(a, c), vzip1q_f32(b, d));
        let (ac_high, bd_high) = (vzip2q_f32(a, c), vzip2q_f32(b, d));
        vst1q_f32(to, vzip1q_f32(ac, bd));
        vst1q_f32(to.wrapping_add(to_stride), vzip2q_f32(ac, bd));
        vst1q_f32(to.wrapping_add(2 * to_stride), vzip1q_f32(ac_high, bd_high));
        vst1q_f32(to.wrapping_add(3 * to_stride), vzip2q_f32(ac_high, bd_high));
    }
}

/// Turns a block of `EDGE` rows and columns.
///
/// # Safety
/// It can be read and written.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
#[inline(always)]
pub unsafe fn turn_block(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
    for row in 0..EDGE {
        for column in 0..EDGE {
            // SAFETY: the caller's promise.
            unsafe {
                *to.wrapping_add(column * to_stride + row) =
                    from.wrapping_add(row * from_stride + column).read_unaligned();
            }
        }
    }
}
