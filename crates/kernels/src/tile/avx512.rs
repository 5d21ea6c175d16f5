//! AVX-512: 32 registers of 16 floats.

use fovea_core::Bf16;
use std::arch::x86_64::*;
use std::array::from_fn;

use super::factors::{Factors, Pairs, Singles};
use super::join::{self, Join, Size};
use super::kernel::{Menu, TileArgs, menu, tile};
use super::simd::bf16::{HALF, HIGH, QUIET};
use super::simd::{Operation, Simd};
use crate::isa::Isa;

#[derive(Clone, Copy)]
pub struct Avx512(());

// SAFETY: `new` asks the processor, and `enter` enables what `new` asked for.
unsafe impl Simd for Avx512 {
    type Vector = __m512;
    type Mask = __mmask16;
    const LANES: usize = 16;
    const EDGE: usize = 16;

    fn new() -> Option<Self> {
        Isa::Avx512.is_available().then_some(Avx512(()))
    }

    #[inline]
    unsafe fn enter<O: Operation>(self, operation: O) {
        #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
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
    fn where_greater(self, a: __m512, b: __m512, then: __m512, other: __m512) -> __m512 {
        // SAFETY: `self` proves the features.
        unsafe { _mm512_mask_mov_ps(other, _mm512_cmp_ps_mask::<_CMP_GT_OQ>(a, b), then) }
    }

    #[inline(always)]
    fn first(self, words: __m512) -> __m512 {
        // SAFETY: `self` proves the features.
        unsafe { _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_castps_si512(words))) }
    }

    #[inline(always)]
    fn second(self, words: __m512) -> __m512 {
        // SAFETY: `self` proves the features.
        unsafe { _mm512_and_ps(words, _mm512_castsi512_ps(_mm512_set1_epi32(HIGH))) }
    }

    #[inline(always)]
    fn pair(self, first: __m512, second: __m512) -> __m512 {
        // SAFETY: `self` proves the features.
        unsafe {
            let low = _mm512_srli_epi32::<16>(_mm512_castps_si512(first));
            _mm512_or_ps(self.second(second), _mm512_castsi512_ps(low))
        }
    }

    #[inline(always)]
    unsafe fn turn(self, from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe {
            let rows: [__m512; 16] = from_fn(|row| self.load(from.wrapping_add(row * from_stride)));
            // Within quarters of registers: two columns of two rows, then a column of four rows.
            let pairs: [__m512; 16] = from_fn(|index| {
                let (first, second) = (rows[index & !1], rows[index | 1]);
                match index % 2 {
                    0 => _mm512_unpacklo_ps(first, second),
                    _ => _mm512_unpackhi_ps(first, second),
                }
            });
            let quarters: [__m512; 16] = from_fn(|index| {
                let first = (index & !3) + index % 4 / 2;
                let [first, second] = [first, first + 2].map(|pair| _mm512_castps_pd(pairs[pair]));
                _mm512_castpd_ps(match index % 2 {
                    0 => _mm512_unpacklo_pd(first, second),
                    _ => _mm512_unpackhi_pd(first, second),
                })
            });
            // Quarter `q` of `quarters[4 · r + c]` has column `4 · q + c` of rows `4 · r` to `4 · r + 3`.
            for column in 0..4 {
                let [a, b, c, d] = from_fn(|row| quarters[4 * row + column]);
                let (even, odd) = (_mm512_shuffle_f32x4::<0x88>(a, b), _mm512_shuffle_f32x4::<0xdd>(a, b));
                let (even_below, odd_below) =
                    (_mm512_shuffle_f32x4::<0x88>(c, d), _mm512_shuffle_f32x4::<0xdd>(c, d));
                let turned = [
                    _mm512_shuffle_f32x4::<0x88>(even, even_below),
                    _mm512_shuffle_f32x4::<0x88>(odd, odd_below),
                    _mm512_shuffle_f32x4::<0xdd>(even, even_below),
                    _mm512_shuffle_f32x4::<0xdd>(odd, odd_below),
                ];
                for (quarter, vector) in turned.into_iter().enumerate() {
                    self.store(to.wrapping_add((4 * quarter + column) * to_stride), vector);
                }
            }
        }
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

    #[inline(always)]
    unsafe fn store_nonzero(self, vectors: [__m512; 2], to: [*mut f32; 2]) -> usize {
        // SAFETY: the caller's promise; `self` proves the features. Stores of whole vectors, since those that
        // leave lanes out are slow on some machines.
        unsafe {
            let mask = _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(vectors[0], _mm512_setzero_ps());
            for (vector, to) in vectors.into_iter().zip(to) {
                _mm512_storeu_ps(to, _mm512_maskz_compress_ps(mask, vector));
            }
            mask.count_ones() as usize
        }
    }

    #[inline(always)]
    unsafe fn stream(self, to: *mut f32, value: __m512) {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe { _mm512_stream_ps(to, value) }
    }

    #[inline(always)]
    fn fence(self) {
        // SAFETY: SSE is part of the baseline.
        unsafe { _mm_sfence() }
    }

    #[inline(always)]
    unsafe fn load_bytes(self, from: *const u8, mask: __mmask16) -> __m512 {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe { _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, from.cast()))) }
    }

    #[inline(always)]
    unsafe fn store_bytes(self, to: *mut u8, value: __m512, mask: __mmask16) {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe { _mm_mask_storeu_epi8(to.cast(), mask, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(value))) }
    }

    #[inline(always)]
    unsafe fn load_bf16(self, from: *const Bf16, mask: __mmask16) -> __m512 {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe {
            let halves = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, from.cast()));
            _mm512_castsi512_ps(_mm512_slli_epi32::<16>(halves))
        }
    }

    #[inline(always)]
    unsafe fn store_bf16(self, to: *mut Bf16, value: __m512, mask: __mmask16) {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe {
            let bits = _mm512_castps_si512(value);
            let odd = _mm512_and_si512(_mm512_srli_epi32::<16>(bits), _mm512_set1_epi32(1));
            let rounded = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(HALF)));
            let nan = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(value, value);
            let kept = _mm512_mask_or_epi32(rounded, nan, bits, _mm512_set1_epi32(QUIET));
            let halves = _mm512_cvtepi32_epi16(_mm512_srli_epi32::<16>(kept));
            _mm256_mask_storeu_epi16(to.cast(), mask, halves);
        }
    }
}

/// Pairs of bf16 in one instruction.
struct Dot;

// Only `entry_dot` multiplies so, which is compiled for the instruction.
impl Factors<Avx512> for Dot {
    const PARTS: usize = 1;

    #[inline(always)]
    fn part(_: Avx512, words: __m512, _: usize) -> __m512 {
        words
    }

    #[inline(always)]
    fn multiply_add(_: Avx512, a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: the features of `entry_dot`; both types are any 512 bits.
        unsafe {
            let [a, b] = [a, b].map(|words| std::mem::transmute::<__m512, __m512bh>(words));
            _mm512_dpbf16_ps(c, a, b)
        }
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
unsafe fn entry<const ROWS: usize, const VECTORS: usize, const MODE: u8>(args: &TileArgs) {
    // SAFETY: the caller's promises about the features and about `args`.
    unsafe { tile::<Avx512, Singles, ROWS, VECTORS, MODE>(Avx512(()), args) }
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
unsafe fn entry_pairs<const ROWS: usize, const VECTORS: usize, const MODE: u8>(args: &TileArgs) {
    // SAFETY: the caller's promises about the features and about `args`.
    unsafe { tile::<Avx512, Pairs, ROWS, VECTORS, MODE>(Avx512(()), args) }
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512bf16,avx2,fma")]
unsafe fn entry_dot<const ROWS: usize, const VECTORS: usize, const MODE: u8>(args: &TileArgs) {
    // SAFETY: the caller's promises about the features and about `args`.
    unsafe { tile::<Avx512, Dot, ROWS, VECTORS, MODE>(Avx512(()), args) }
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
unsafe fn fetch(args: &TileArgs, size: Size) {
    // SAFETY: the caller's promises about the features and about `args`.
    unsafe { join::fetch(Avx512(()), args, size) }
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
unsafe fn store(args: &TileArgs, size: Size, sums: *const f32) {
    // SAFETY: the caller's promises about the features and about `args`.
    unsafe { join::store(Avx512(()), args, size, sums) }
}

const JOIN: Join = Join { fetch, store };

macro_rules! tiles {
    ($($of:ident)*) => {
        menu!($($of)*, 16;
            [1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16]
            [1 2 3 4 5 6 7 8 9 10 11 12 13 14]
            [1 2 3 4 5 6 7 8 9]
            [1 2 3 4 5 6])
    };
}

pub static MENU: Menu = tiles!(entry);
pub static PAIRS: Menu = tiles!(pairs entry_pairs);
/// For machines with AVX-512 BF16.
pub static DOT: Menu = tiles!(pairs entry_dot);
