//! Adding partial results in a fixed tree.

use super::simd::{Operation, Simd};

/// Most partial results is one less than two to this power.
const SLOTS: usize = 8;

/// `to[i] = Σ partials[p · stride + i]` for `i < length`, the `count` partial results added
/// pairwise: neighbours, then neighbouring pairs, and so on. At least one partial result, and
/// fewer than 256.
///
/// # Safety of `run`
/// Those floats are readable and writable, and do not overlap.
pub struct SumPartials {
    pub partials: *const f32,
    pub stride: usize,
    pub count: usize,
    pub to: *mut f32,
    pub length: usize,
}

impl Operation for SumPartials {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        let whole = self.length - self.length % S::LANES;
        for at in (0..whole).step_by(S::LANES) {
            // SAFETY: the caller's promise.
            unsafe {
                let sum = self.sum(simd, at, |from| simd.load(from));
                simd.store(self.to.wrapping_add(at), sum);
            }
        }
        if whole < self.length {
            let mask = simd.mask(self.length - whole);
            // SAFETY: the caller's promise.
            unsafe {
                let sum = self.sum(simd, whole, |from| simd.load_masked(from, mask));
                simd.store_masked(self.to.wrapping_add(whole), sum, mask);
            }
        }
    }
}

impl SumPartials {
    /// The sum of one vector.
    #[inline(always)]
    fn sum<S: Simd>(&self, simd: S, at: usize, load: impl Fn(*const f32) -> S::Vector) -> S::Vector {
        // A binary counter: slot `s` holds the sum of 2ˢ neighbours.
        let mut pending = [simd.splat(0.0); SLOTS];
        for index in 0..self.count {
            let mut sum = load(self.partials.wrapping_add(index * self.stride + at));
            let mut slot = 0;
            while index >> slot & 1 == 1 {
                sum = simd.add(pending[slot], sum);
                slot += 1;
            }
            pending[slot] = sum;
        }
        let mut slot = self.count.trailing_zeros() as usize;
        let mut sum = pending[slot];
        while self.count >> (slot + 1) != 0 {
            slot += 1;
            if self.count >> slot & 1 == 1 {
                sum = simd.add(pending[slot], sum);
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::Isa;

    #[test]
    fn every_count_and_length_is_summed_in_the_same_tree_in_every_lane() {
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            for count in 1..=37 {
                for length in [1, 3, 16, 35] {
                    check(isa, count, length);
                }
            }
        }
    }

    fn check(isa: Isa, count: usize, length: usize) {
        let stride = length + 2;
        // Inexact in any other order: each value needs all its bits.
        let value = |partial: usize| 1.0 / (partial as f32 + 3.0);
        let partials: Vec<f32> = (0..count * stride).map(|index| value(index / stride)).collect();
        let mut to = vec![f32::NAN; length + 1];
        let sum = SumPartials { partials: partials.as_ptr(), stride, count, to: to.as_mut_ptr(), length };
        // SAFETY: both vectors are as long as `sum` says.
        unsafe { isa.enter(sum) };
        let expected = pairwise(&(0..count).map(value).collect::<Vec<_>>());
        assert!(to[..length].iter().all(|sum| sum.to_bits() == expected.to_bits()));
        assert!(to[length].is_nan());
    }

    /// Whole pairs level by level; what has no partner waits, and joins from the right at the end.
    fn pairwise(values: &[f32]) -> f32 {
        let whole = 1 << values.len().ilog2();
        let (left, right) = values.split_at(whole);
        let full = |values: &[f32]| {
            let mut level = values.to_vec();
            while level.len() > 1 {
                level = level.chunks(2).map(|pair| pair[0] + pair[1]).collect();
            }
            level[0]
        };
        if right.is_empty() { full(left) } else { full(left) + pairwise(right) }
    }
}
