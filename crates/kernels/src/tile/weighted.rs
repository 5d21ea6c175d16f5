//! A weighted sum of rows: a product of one row, along weights that no cache holds.

use super::simd::{Operation, Simd};

/// Rows that are read side by side: few enough for the processor to see where each leads.
const ROWS: usize = 8;

/// `to[i] = Σ weights[r] · rows[r · stride + i]` for `i < width`, or that added to it, `ROWS` rows at a time.
///
/// # Safety of `run`
/// Those floats are readable and writable, and do not overlap.
pub struct WeightedRows {
    pub weights: *const f32,
    pub rows: *const f32,
    pub stride: usize,
    pub count: usize,
    pub to: *mut f32,
    pub width: usize,
}

impl Operation for WeightedRows {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        let whole = self.count - self.count % ROWS;
        // SAFETY: the caller's promise; there are so many rows from each first.
        unsafe {
            for first in (0..whole).step_by(ROWS) {
                self.add::<S, ROWS>(simd, first);
            }
            for first in whole..self.count {
                self.add::<S, 1>(simd, first);
            }
        }
    }
}

impl WeightedRows {
    /// Adds `N` rows from the first, which begin the sum if it is the first of all.
    ///
    /// # Safety
    /// As `run`; there are so many rows.
    #[inline(always)]
    unsafe fn add<S: Simd, const N: usize>(&self, simd: S, first: usize) {
        let rows = std::array::from_fn(|row| self.rows.wrapping_add((first + row) * self.stride));
        // SAFETY: the caller's promise.
        let weights =
            std::array::from_fn(|row| simd.splat(unsafe { *self.weights.wrapping_add(first + row) }));
        let terms = Terms::<S, N> { simd, rows, weights, to: self.to, begins: first == 0 };
        let whole = self.width - self.width % S::LANES;
        for at in (0..whole).step_by(S::LANES) {
            // SAFETY: the caller's promise.
            unsafe { simd.store(self.to.wrapping_add(at), terms.sum(at, |from| simd.load(from))) };
        }
        if whole < self.width {
            let mask = simd.mask(self.width - whole);
            // SAFETY: the caller's promise.
            unsafe {
                let sum = terms.sum(whole, |from| simd.load_masked(from, mask));
                simd.store_masked(self.to.wrapping_add(whole), sum, mask);
            }
        }
    }
}

/// A few rows with their weights, and what they are added to.
struct Terms<S: Simd, const N: usize> {
    simd: S,
    rows: [*const f32; N],
    weights: [S::Vector; N],
    to: *mut f32,
    /// Whether nothing was added yet.
    begins: bool,
}

impl<S: Simd, const N: usize> Terms<S, N> {
    /// The sum of one vector.
    #[inline(always)]
    fn sum(&self, at: usize, load: impl Fn(*const f32) -> S::Vector) -> S::Vector {
        let mut sum = self.simd.splat(0.0);
        for (row, &weight) in self.rows.iter().zip(&self.weights) {
            sum = self.simd.multiply_add(weight, load(row.wrapping_add(at)), sum);
        }
        if self.begins { sum } else { self.simd.add(load(self.to.wrapping_add(at)), sum) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::Isa;

    #[test]
    fn every_count_and_width_on_every_instruction_set() {
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            for count in 1..=2 * ROWS + 1 {
                for width in [1, 7, 16, 33, 50] {
                    let stride = width + 3;
                    let weights: Vec<f32> = (0..count).map(|row| row as f32 - 3.0).collect();
                    let rows: Vec<f32> = (0..count * stride).map(|i| (i * 7 % 31) as f32 - 12.0).collect();
                    let mut to = vec![f32::NAN; width + 1];
                    let sums = WeightedRows {
                        weights: weights.as_ptr(),
                        rows: rows.as_ptr(),
                        stride,
                        count,
                        to: to.as_mut_ptr(),
                        width,
                    };
                    // SAFETY: the vectors are as long as they say.
                    unsafe { isa.enter(sums) };
                    for (i, sum) in to.iter().enumerate().take(width) {
                        let exact: f32 = (0..count).map(|row| weights[row] * rows[row * stride + i]).sum();
                        assert_eq!(*sum, exact, "{isa:?}, {count} rows, lane {i} of {width}");
                    }
                    assert!(to[width].is_nan(), "nothing behind them is written");
                }
            }
        }
    }
}
