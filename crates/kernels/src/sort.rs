//! Sorting along one axis, without memory of its own.

use std::cmp::Ordering;

use fovea_core::DType;

use crate::map::Num;
use crate::routine::PhaseSpec;

/// Elements that make a chunk.
const CHUNK: usize = 16 << 10;

/// The order of the elements along one axis, as `i32` places: equal ones stay in the order in which
/// they stand, and NaN counts as the greatest.
#[derive(Debug)]
pub struct ArgSort {
    dtype: DType,
    descending: bool,
    outer: usize,
    n: usize,
    inner: usize,
    lanes_per_chunk: usize,
    /// Its one phase.
    pub phase: PhaseSpec,
}

impl ArgSort {
    /// Plans the sorting of the contiguous tensor `shape` along `axis`, whose side is below 2³¹.
    pub fn new(dtype: DType, shape: &[usize], axis: usize, descending: bool) -> ArgSort {
        let outer: usize = shape[..axis].iter().product();
        let (n, inner) = (shape[axis], shape[axis + 1..].iter().product::<usize>());
        let lanes = if n == 0 { 0 } else { outer * inner };
        let lanes_per_chunk = (CHUNK / n.max(1)).max(1);
        let depth = f64::from(usize::BITS - n.leading_zeros());
        let phase = PhaseSpec {
            chunks: lanes.div_ceil(lanes_per_chunk),
            scratch: n * pair_bytes(dtype),
            cost: (lanes * n) as f64 * depth * 10.0,
        };
        ArgSort { dtype, descending, outer, n, inner, lanes_per_chunk, phase }
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// `input` and `output` (of `i32`) are valid for the tensor, aligned and apart; `scratch` has the
    /// stated size and is 64-byte aligned.
    pub unsafe fn run(&self, chunk: usize, input: *const u8, output: *mut u8, scratch: *mut u8) {
        macro_rules! typed {
            ($t:ty) => {
                // SAFETY: passed on.
                unsafe { self.chunk::<$t>(chunk, input, output, scratch) }
            };
        }
        match self.dtype {
            DType::F32 => typed!(f32),
            DType::I32 => typed!(i32),
            DType::U32 => typed!(u32),
            DType::I64 => typed!(i64),
            DType::I8 => typed!(i8),
            DType::U8 | DType::Bool => typed!(u8),
            DType::Bf16 => unreachable!("graphs widen bfloat16"),
        }
    }

    /// # Safety
    /// As `run`; `T` is the element.
    unsafe fn chunk<T: Num + PartialOrd>(
        &self,
        chunk: usize,
        input: *const u8,
        output: *mut u8,
        scratch: *mut u8,
    ) {
        let first = chunk * self.lanes_per_chunk;
        for lane in first..(self.outer * self.inner).min(first + self.lanes_per_chunk) {
            let start = lane / self.inner * self.n * self.inner + lane % self.inner;
            // SAFETY: the lane lies inside both tensors, and the scratch holds its pairs, each of which
            // is written before it is read.
            unsafe {
                let pairs = scratch.cast::<(T, i32)>();
                for i in 0..self.n {
                    pairs.add(i).write((*input.cast::<T>().add(start + i * self.inner), i as i32));
                }
                let pairs = std::slice::from_raw_parts_mut(pairs, self.n);
                // The places make all pairs different, so that this sort, which needs no memory, is stable.
                if self.descending {
                    pairs.sort_unstable_by(|a, b| compare(b.0, a.0).then(a.1.cmp(&b.1)));
                } else {
                    pairs.sort_unstable_by(|a, b| compare(a.0, b.0).then(a.1.cmp(&b.1)));
                }
                for (i, &(_, place)) in pairs.iter().enumerate() {
                    output.cast::<i32>().add(start + i * self.inner).write(place);
                }
            }
        }
    }
}

fn pair_bytes(dtype: DType) -> usize {
    if dtype.size() == 8 { size_of::<(i64, i32)>() } else { size_of::<(f32, i32)>() }
}

/// Numbers in order, NaN after all others.
#[inline(always)]
#[allow(clippy::eq_op)]
fn compare<T: PartialOrd>(a: T, b: T) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| (a != a).cmp(&(b != b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(x: &[f32], descending: bool) -> Vec<i32> {
        let sort = ArgSort::new(DType::F32, &[x.len()], 0, descending);
        let mut y = vec![0i32; x.len()];
        let mut scratch = vec![0u64; x.len()];
        // SAFETY: the operands have the planned sizes.
        unsafe {
            sort.run(0, x.as_ptr().cast(), y.as_mut_ptr().cast(), scratch.as_mut_ptr().cast());
        }
        y
    }

    #[test]
    fn equal_elements_keep_their_order_and_nan_is_the_greatest() {
        let x = [2.0, f32::NAN, -0.0, 0.0, f32::INFINITY, 2.0, f32::NAN, f32::NEG_INFINITY];
        assert_eq!(places(&x, false), [7, 2, 3, 0, 5, 4, 1, 6]);
        assert_eq!(places(&x, true), [1, 6, 4, 0, 5, 2, 3, 7]);
    }
}
