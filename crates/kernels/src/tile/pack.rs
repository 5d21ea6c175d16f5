//! Copying an operand into the order in which tiles read it.

use super::simd::{Operation, Simd};

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
        for _ in 0..self.rows {
            // SAFETY: the caller's promise, row by row.
            unsafe {
                for vector in 0..whole {
                    let at = vector * S::LANES;
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

/// Transposes: `to[column · to_stride + row] = from[row · from_stride + column]`.
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

/// Edge of the blocks that are transposed at a time: a cache line of floats.
const BLOCK: usize = 16;

impl Operation for Transpose {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, _: S) {
        for column in (0..self.columns).step_by(BLOCK) {
            let columns = (self.columns - column).min(BLOCK);
            for row in (0..self.rows).step_by(BLOCK) {
                let rows = (self.rows - row).min(BLOCK);
                let from = self.from.wrapping_add(row * self.from_stride + column);
                let to = self.to.wrapping_add(column * self.to_stride + row);
                for c in 0..columns {
                    for r in 0..rows {
                        // SAFETY: the caller's promise.
                        unsafe {
                            *to.wrapping_add(c * self.to_stride + r) =
                                *from.wrapping_add(r * self.from_stride + c);
                        }
                    }
                }
            }
        }
    }
}
