//! Between f32, bf16 and words of two bf16.

use super::simd::{Operation, Simd};
use fovea_core::Bf16;

/// Rows that are fetched ahead of their use: they may lie pages apart. An even number.
const AHEAD: usize = 8;

/// Makes words of neighbouring rows of bf16: the halves of `to[row · to_stride + i]` are element `i` of rows
/// `2 · row` and `2 · row + 1` of `from`; a last row without a next meets zero.
///
/// # Safety of `run`
/// `rows` rows of `width` are readable, half as many words, rounded up, writable, and they do not overlap.
pub struct PairRows<At> {
    pub from: *const Bf16,
    /// Where a row begins in `from`.
    pub at: At,
    pub to: *mut f32,
    pub to_stride: usize,
    pub rows: usize,
    pub width: usize,
    /// Elements of a row that lie in one panel of `to`, the rest in those after it, and the words from panel
    /// to panel.
    pub panel: usize,
    pub to_panel: usize,
}

impl<At: Fn(usize) -> usize> Operation for PairRows<At> {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        let zero = simd.splat(0.0);
        for row in (0..self.rows).step_by(2) {
            let paired = row + 1 < self.rows;
            let first = self.from.wrapping_add((self.at)(row));
            let second = if paired { self.from.wrapping_add((self.at)(row + 1)) } else { first };
            let to = self.to.wrapping_add(row / 2 * self.to_stride);
            let ahead = [0, 1].map(|next| self.from.wrapping_add((self.at)(row + AHEAD + next)));
            for (panel, start) in (0..self.width).step_by(self.panel.max(1)).enumerate() {
                let to = to.wrapping_add(panel * self.to_panel);
                let end = self.width.min(start + self.panel);
                for at in (start..end).step_by(S::LANES) {
                    let mask = simd.mask((end - at).min(S::LANES));
                    // In turn: a line holds twice as many bf16 as a vector has lanes, or more.
                    simd.prefetch(ahead[at / S::LANES % 2].wrapping_add(at).cast());
                    // SAFETY: the caller's promise, row by row.
                    unsafe {
                        let next = if paired { simd.load_bf16(second.wrapping_add(at), mask) } else { zero };
                        let words = simd.pair(simd.load_bf16(first.wrapping_add(at), mask), next);
                        simd.store_masked(to.wrapping_add(at - start), words, mask);
                    }
                }
            }
        }
    }
}

/// `to[i] = from[i]` for `length` bf16.
///
/// # Safety of `run`
/// They are readable and writable, and do not overlap.
pub struct Widen {
    pub from: *const Bf16,
    pub to: *mut f32,
    pub length: usize,
}

impl Operation for Widen {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        for at in (0..self.length).step_by(S::LANES) {
            let mask = simd.mask((self.length - at).min(S::LANES));
            // SAFETY: the caller's promise.
            unsafe {
                let value = simd.load_bf16(self.from.wrapping_add(at), mask);
                simd.store_masked(self.to.wrapping_add(at), value, mask);
            }
        }
    }
}

/// `to[i]` is the bf16 nearest to `from[i]`.
///
/// # Safety of `run`
/// `length` are readable and writable, and do not overlap.
pub struct Round {
    pub from: *const f32,
    pub to: *mut Bf16,
    pub length: usize,
}

impl Operation for Round {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        for at in (0..self.length).step_by(S::LANES) {
            let mask = simd.mask((self.length - at).min(S::LANES));
            // SAFETY: the caller's promise.
            unsafe {
                let value = simd.load_masked(self.from.wrapping_add(at), mask);
                simd.store_bf16(self.to.wrapping_add(at), value, mask);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::Isa;

    fn bits(values: &[Bf16]) -> Vec<u16> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn every_lane_is_rounded_as_a_single_number_is() {
        let finite = (0..4096u32).map(|i| f32::from_bits((i % 2) << 31 | (0x3f7e_8000 + i * 0x1357)));
        let special = [0.0, -0.0, f32::MIN_POSITIVE, f32::INFINITY, f32::NEG_INFINITY, f32::MAX];
        let nan = [0x7fc0_0000, 0x7f80_0001, 0x7fff_ffff, 0xffff_ffff].map(f32::from_bits);
        let values: Vec<f32> = finite.chain(special).chain(nan).collect();
        let expected: Vec<Bf16> = values.iter().map(|&value| Bf16::from_f32(value)).collect();
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            let mut rounded = vec![Bf16::from_bits(0xdead); values.len() + 1];
            let round = Round { from: values.as_ptr(), to: rounded.as_mut_ptr(), length: values.len() };
            // SAFETY: both are as long as it says.
            unsafe { isa.enter(round) };
            assert_eq!(rounded.pop().map(Bf16::to_bits), Some(0xdead));
            assert_eq!(bits(&rounded), bits(&expected), "{}", isa.name());
        }
    }

    #[test]
    fn rows_are_paired_and_widened() {
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            for (rows, width) in [(1_usize, 3), (2, 16), (5, 37), (4, 1)] {
                let from: Vec<Bf16> =
                    (0..rows * width).map(|i| Bf16::from_bits((i * 257 + 1) as u16)).collect();
                let mut words = vec![f32::NAN; rows.div_ceil(2) * width];
                let mut wide = vec![f32::NAN; from.len()];
                let pair = PairRows {
                    from: from.as_ptr(),
                    at: |row| row * width,
                    to: words.as_mut_ptr(),
                    to_stride: width,
                    rows,
                    width,
                    panel: width,
                    to_panel: 0,
                };
                // SAFETY: all are as long as it says.
                unsafe {
                    isa.enter(pair);
                    isa.enter(Widen { from: from.as_ptr(), to: wide.as_mut_ptr(), length: from.len() });
                }
                for (i, word) in words.iter().enumerate() {
                    let (row, lane) = (i / width * 2, i % width);
                    let half =
                        |row: usize| from.get(row * width + lane).map_or(0, |half| u32::from(half.to_bits()));
                    assert_eq!(word.to_bits(), half(row + 1) << 16 | half(row));
                }
                assert!(from.iter().zip(&wide).all(|(half, wide)| half.to_f32().to_bits() == wide.to_bits()));
            }
        }
    }
}
