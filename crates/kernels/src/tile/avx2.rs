//! AVX2 and FMA: 16 registers of 8 floats.

use std::arch::x86_64::*;

use super::kernel::{Menu, TileArgs, menu, tile};
use super::simd::{Operation, Simd};
use crate::isa::Isa;

#[derive(Clone, Copy)]
pub struct Avx2(());

// SAFETY: `new` asks the processor, and `enter` enables what `new` asked for.
unsafe impl Simd for Avx2 {
    type Vector = __m256;
    type Mask = __m256i;
    const LANES: usize = 8;

    fn new() -> Option<Self> {
        Isa::Avx2.is_available().then_some(Avx2(()))
    }

    #[inline]
    unsafe fn enter<O: Operation>(self, operation: O) {
        #[target_feature(enable = "avx2,fma")]
        unsafe fn enabled<O: Operation>(simd: Avx2, operation: O) {
            // SAFETY: the caller's promise.
            unsafe { operation.run(simd) }
        }
        // SAFETY: `self` proves the features.
        unsafe { enabled(self, operation) }
    }

    #[inline(always)]
    fn mask(self, count: usize) -> __m256i {
        // SAFETY: `self` proves the features.
        unsafe {
            let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), lanes)
        }
    }

    #[inline(always)]
    fn splat(self, value: f32) -> __m256 {
        // SAFETY: `self` proves the features.
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    fn multiply_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
        // SAFETY: `self` proves the features.
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: `self` proves the features.
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    fn max(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: `self` proves the features.
        unsafe { _mm256_max_ps(a, b) }
    }

    #[inline(always)]
    fn min(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: `self` proves the features.
        unsafe { _mm256_min_ps(a, b) }
    }

    #[inline(always)]
    fn prefetch(self, from: *const f32) {
        // SAFETY: a hint, which reads nothing and faults nowhere.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast()) }
    }

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> __m256 {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe { _mm256_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn load_masked(self, from: *const f32, mask: __m256i) -> __m256 {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe { _mm256_maskload_ps(from, mask) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32, value: __m256) {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe { _mm256_storeu_ps(to, value) }
    }

    #[inline(always)]
    unsafe fn store_masked(self, to: *mut f32, value: __m256, mask: __m256i) {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe { _mm256_maskstore_ps(to, mask, value) }
    }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn entry<const ROWS: usize, const VECTORS: usize, const MODE: u8>(args: &TileArgs) {
    // SAFETY: the caller's promises about the features and about `args`.
    unsafe { tile::<Avx2, ROWS, VECTORS, MODE>(Avx2(()), args) }
}

pub static MENU: Menu = menu!(entry, 8;
    [1 2 3 4 5 6 7 8 9 10 11 12]
    [1 2 3 4 5 6]
    [1 2 3]
    []);
