//! Elements whose sum has no terms: between those that a convolution with a stride reads, say.

use super::activation::Finish;
use super::pack::fetch;
use super::simd::{Operation, Simd};
use crate::routine::Float;
use fovea_core::Bf16;

/// Bytes of a result from which on its beginning has left the nearer caches when it is complete: zeros had better
/// leave them to what is summed.
pub const STREAMED: usize = 4 << 20;
/// Elements between what is stored and what is fetched meanwhile.
const AHEAD: usize = 1024;

/// What follows a sum of nothing, in `width` elements at each of `rows`.
///
/// # Safety of `run`
/// The elements are writable, and what `finish` reads is readable there.
pub struct Nothing<'a> {
    pub c: *mut f32,
    /// Where rows begin, in elements of `c`.
    pub rows: &'a [usize],
    pub width: usize,
    /// What `c` takes.
    pub result: Float,
    pub finish: Finish,
    /// Whether to store past the caches, unless `c` is in them since it is added.
    pub streams: bool,
}

impl Operation for Nothing<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        let zero = simd.splat(0.0);
        let streams = self.streams && self.finish.addend != self.c.cast_const();
        let ahead = AHEAD.div_ceil(self.width.max(1));
        for (index, &row) in self.rows.iter().enumerate() {
            if let Some(&row) = self.rows.get(index + ahead) {
                if !streams {
                    let to = self.c.wrapping_byte_add(self.result.bytes(row));
                    fetch(simd, to.cast_const().cast(), self.result.bytes(self.width));
                }
                self.finish.fetch(simd, self.c, row, self.width);
            }
            for lane in (0..self.width).step_by(S::LANES) {
                let left = self.width - lane;
                let mask = simd.mask(left.min(S::LANES));
                // SAFETY: the caller's promise.
                unsafe {
                    let value = self.finish.vector(simd, zero, [lane, row + lane], mask);
                    let to = self.c.wrapping_add(row + lane);
                    let whole = left >= S::LANES && to.addr().is_multiple_of(size_of::<S::Vector>());
                    match self.result {
                        Float::F32 if streams && whole => simd.stream(to, value),
                        Float::F32 => simd.store_masked(to, value, mask),
                        Float::Bf16 => {
                            simd.store_bf16(self.c.cast::<Bf16>().wrapping_add(row + lane), value, mask);
                        }
                    }
                }
            }
        }
        if streams {
            simd.fence();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::Isa;
    use crate::tile::activation::{Activation, Gate};

    #[test]
    fn every_element_is_what_follows_zero_whether_it_is_streamed_or_not() {
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            for (width, first) in [(1, 0), (16, 0), (37, 3), (64, 16), (1030, 1)] {
                for streams in [false, true] {
                    check(isa, width, first, streams);
                }
            }
        }
    }

    /// In five rows, nothing joined first, then a bias, an addend in place or not, an activation and a gate.
    fn check(isa: Isa, width: usize, first: usize, streams: bool) {
        let rows: Vec<usize> = (0..5).map(|row| first + row * (width + 2)).collect();
        let length = first + 5 * (width + 2);
        let number = |index: usize| (index * 7 % 13) as f32 - 6.0;
        let numbers: Vec<f32> = (0..length).map(number).collect();
        let bias: Vec<f32> = (0..width).map(|lane| number(lane) / 4.0).collect();
        for (joins, in_place) in [(false, false), (true, false), (true, true)] {
            let mut c = if in_place { numbers.clone() } else { vec![f32::NAN; length] };
            let addend = if in_place { c.as_ptr() } else { numbers.as_ptr() };
            let finish = Finish {
                bias: bias.as_ptr(),
                addend,
                activation: Activation::Relu6,
                gate: Gate::Relu,
                open: numbers.as_ptr().cast(),
                ..Finish::NONE
            };
            let finish = if joins { finish } else { Finish::NONE };
            let before = c.clone();
            let nothing =
                Nothing { c: c.as_mut_ptr(), rows: &rows, width, result: Float::F32, finish, streams };
            // SAFETY: all operands reach to the end of the last row, the bias to that of any.
            unsafe { isa.enter(nothing) };
            for (at, (sum, before)) in c.into_iter().zip(before).enumerate() {
                let lane = at.checked_sub(first).map(|at| at % (width + 2)).filter(|&lane| lane < width);
                let expected = match lane {
                    None => before,
                    Some(_) if !joins => 0.0,
                    Some(_) if numbers[at] <= 0.0 => 0.0,
                    Some(lane) => (bias[lane] + numbers[at]).clamp(0.0, 6.0),
                };
                assert_eq!(sum.to_bits(), expected.to_bits(), "{isa:?} {width} {at}");
            }
        }
    }
}
