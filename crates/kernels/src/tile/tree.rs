//! Adding partial results in a fixed tree.

use super::simd::{Operation, Simd};

/// `to[i] = Σ partials[p · stride + i]` for `i < length`, the `count ≥ 1` partial results added
/// pairwise: the first half, the second half, then both.
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

/// Vectors that go through the tree together, to hide its latency.
const WIDTH: usize = 4;

impl Operation for SumPartials {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        let step = WIDTH * S::LANES;
        let mut at = 0;
        while at < self.length {
            let lanes = (self.length - at).min(step);
            let mut pending = [[simd.splat(0.0); WIDTH]; usize::BITS as usize];
            // A binary counter: slot `s` holds a subtree of 2ˢ partials.
            for index in 0..self.count {
                let from = self.partials.wrapping_add(index * self.stride + at);
                // SAFETY: the caller's promise.
                let mut sum = unsafe { load(simd, from, lanes) };
                let mut slot = 0;
                while index >> slot & 1 == 1 {
                    sum = add(simd, pending[slot], sum);
                    slot += 1;
                }
                pending[slot] = sum;
            }
            let mut slots = (0..usize::BITS as usize).filter(|slot| self.count >> slot & 1 == 1);
            if let Some(first) = slots.next() {
                let sum = slots.fold(pending[first], |sum, slot| add(simd, pending[slot], sum));
                // SAFETY: the caller's promise.
                unsafe { store(simd, self.to.wrapping_add(at), sum, lanes) };
            }
            at += step;
        }
    }
}

#[inline(always)]
fn add<S: Simd>(simd: S, a: [S::Vector; WIDTH], b: [S::Vector; WIDTH]) -> [S::Vector; WIDTH] {
    std::array::from_fn(|n| simd.add(a[n], b[n]))
}

#[inline(always)]
unsafe fn load<S: Simd>(simd: S, from: *const f32, lanes: usize) -> [S::Vector; WIDTH] {
    std::array::from_fn(|n| {
        let rest = lanes.saturating_sub(n * S::LANES).min(S::LANES);
        let from = from.wrapping_add(n * S::LANES);
        // SAFETY: the caller's promise for the first `lanes` floats.
        if rest == 0 { simd.splat(0.0) } else { unsafe { simd.load_masked(from, simd.mask(rest)) } }
    })
}

#[inline(always)]
unsafe fn store<S: Simd>(simd: S, to: *mut f32, sum: [S::Vector; WIDTH], lanes: usize) {
    for (n, sum) in sum.into_iter().enumerate() {
        let rest = lanes.saturating_sub(n * S::LANES).min(S::LANES);
        if rest > 0 {
            // SAFETY: the caller's promise for the first `lanes` floats.
            unsafe { simd.store_masked(to.wrapping_add(n * S::LANES), sum, simd.mask(rest)) };
        }
    }
}
