//! AVX-512: 32 registers of 16 floats.

use std::arch::x86_64::*;

use super::kernel::{Menu, TileArgs, menu, tile};
use super::simd::{Operation, Simd};
use crate::isa::Isa;

#[derive(Clone, Copy)]
pub struct Avx512(());

// SAFETY: `new` asks the processor, and `enter` enables what `new` asked for.
unsafe impl Simd for Avx512 {
    type Vector = __m512;
    type Mask = __mmask16;
    const LANES: usize = 16;

    fn new() -> Option<Self> {
        Isa::Avx512.is_available().then_some(Avx512(()))
    }

    #[inline]
    unsafe fn enter<O: Operation>(self, operation: O) {
        #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx2,fma")]
        unsafe fn enabled<O: Operation>(simd: Avx512, operation: O) {
            // SAFETY: the caller's promise.
            unsafe { operation.run(simd) }
        }
        // SAFETY: `self` proves the features.
        unsafe { enabled(self, operation) }
    }

    #[inline(always)]
    fn mask(self, count: usize) -> __mmask16 {
        (u16::MAX) >> (16 - count)
    }

    #[inline(always)]
    fn splat(self, value: f32) -> __m512 {
        // SAFETY: `self` proves the features.
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    fn multiply_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: `self` proves the features.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` proves the features.
        unsafe { _mm512_add_ps(a, b) }
    }

    #[inline(always)]
    fn max(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` proves the features.
        unsafe { _mm512_max_ps(a, b) }
    }

    #[inline(always)]
    fn min(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` proves the features.
        unsafe { _mm512_min_ps(a, b) }
    }

    #[inline(always)]
    fn prefetch(self, from: *const f32) {
        // SAFETY: a hint, which reads nothing and faults nowhere.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast()) }
    }

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> __m512 {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe { _mm512_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn load_masked(self, from: *const f32, mask: __mmask16) -> __m512 {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe { _mm512_maskz_loadu_ps(mask, from) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32, value: __m512) {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe { _mm512_storeu_ps(to, value) }
    }

    #[inline(always)]
    unsafe fn store_masked(self, to: *mut f32, value: __m512, mask: __mmask16) {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe { _mm512_mask_storeu_ps(to, mask, value) }
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx2,fma")]
unsafe fn entry<const ROWS: usize, const VECTORS: usize, const MODE: u8>(args: &TileArgs) {
    // SAFETY: the caller's promises about the features and about `args`.
    unsafe { tile::<Avx512, ROWS, VECTORS, MODE>(Avx512(()), args) }
}

pub static MENU: Menu = menu!(entry, 16;
    [1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16]
    [1 2 3 4 5 6 7 8 9 10 11 12 13 14]
    [1 2 3 4 5 6 7 8 9]
    [1 2 3 4 5 6]);
