//! AVX2 and FMA: 16 registers of 8 floats.

use fovea_core::Bf16;
use std::arch::x86_64::*;

use super::factors::{Pairs, Singles};
use super::join::{self, Join, Size};
use super::kernel::{Menu, TileArgs, menu, tile, tile_by_tail};
use super::simd::bf16::{HALF, HIGH, QUIET};
use super::simd::{Operation, Simd};
use crate::isa::Isa;

/// For each mask of lanes those that are in it, one after another, each a byte.
static CHOSEN: [u64; 256] = {
    let mut chosen = [0; 256];
    let mut mask = 0;
    while mask < 256 {
        let (mut lane, mut count) = (0, 0);
        while lane < 8 {
            if mask >> lane & 1 == 1 {
                chosen[mask] |= lane << (8 * count);
                count += 1;
            }
            lane += 1;
        }
        mask += 1;
    }
    chosen
};

/// `TAILS`: whether any vector is cut. A mask takes one of the 16 registers.
#[derive(Clone, Copy)]
pub struct Avx2<const TAILS: bool = true>(());

// SAFETY: `new` asks the processor, and `enter` enables what `new` asked for.
unsafe impl<const TAILS: bool> Simd for Avx2<TAILS> {
    type Vector = __m256;
    type Mask = __m256i;
    const LANES: usize = 8;

    fn new() -> Option<Self> {
        Isa::Avx2.is_available().then_some(Avx2(()))
    }

    #[inline]
    unsafe fn enter<O: Operation>(self, operation: O) {
        #[target_feature(enable = "avx2,fma")]
        unsafe fn enabled<const TAILS: bool, O: Operation>(simd: Avx2<TAILS>, operation: O) {
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
    fn where_greater(self, a: __m256, b: __m256, then: __m256, other: __m256) -> __m256 {
        // SAFETY: `self` proves the features.
        unsafe { _mm256_blendv_ps(other, then, _mm256_cmp_ps::<_CMP_GT_OQ>(a, b)) }
    }

    #[inline(always)]
    fn first(self, words: __m256) -> __m256 {
        // SAFETY: `self` proves the features.
        unsafe { _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_castps_si256(words))) }
    }

    #[inline(always)]
    fn second(self, words: __m256) -> __m256 {
        // SAFETY: `self` proves the features.
        unsafe { _mm256_and_ps(words, _mm256_castsi256_ps(_mm256_set1_epi32(HIGH))) }
    }

    #[inline(always)]
    fn pair(self, first: __m256, second: __m256) -> __m256 {
        // SAFETY: `self` proves the features.
        unsafe {
            let low = _mm256_srli_epi32::<16>(_mm256_castps_si256(first));
            _mm256_or_ps(self.second(second), _mm256_castsi256_ps(low))
        }
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
        unsafe { if TAILS { _mm256_maskload_ps(from, mask) } else { _mm256_loadu_ps(from) } }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32, value: __m256) {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe { _mm256_storeu_ps(to, value) }
    }

    #[inline(always)]
    unsafe fn store_masked(self, to: *mut f32, value: __m256, mask: __m256i) {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe { if TAILS { _mm256_maskstore_ps(to, mask, value) } else { _mm256_storeu_ps(to, value) } }
    }

    #[inline(always)]
    unsafe fn store_nonzero(self, vectors: [__m256; 2], to: [*mut f32; 2]) -> usize {
        // SAFETY: the caller's promise; `self` proves the features. The mask is one of 256.
        unsafe {
            let mask = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_NEQ_UQ>(vectors[0], _mm256_setzero_ps()));
            let chosen = _mm_cvtsi64_si128(*CHOSEN.get_unchecked(mask as usize) as i64);
            for (vector, to) in vectors.into_iter().zip(to) {
                _mm256_storeu_ps(to, _mm256_permutevar8x32_ps(vector, _mm256_cvtepu8_epi32(chosen)));
            }
            mask.count_ones() as usize
        }
    }

    #[inline(always)]
    unsafe fn stream(self, to: *mut f32, value: __m256) {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe { _mm256_stream_ps(to, value) }
    }

    #[inline(always)]
    fn fence(self) {
        // SAFETY: SSE is part of the baseline.
        unsafe { _mm_sfence() }
    }

    #[inline(always)]
    unsafe fn load_bytes(self, from: *const u8, mask: __m256i) -> __m256 {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe {
            let bytes = match count(mask) {
                8 => _mm_loadl_epi64(from.cast()),
                count => {
                    let mut some = [0_u8; 8];
                    some.as_mut_ptr().copy_from_nonoverlapping(from, count);
                    _mm_loadl_epi64(some.as_ptr().cast())
                }
            };
            _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes))
        }
    }

    #[inline(always)]
    unsafe fn store_bytes(self, to: *mut u8, value: __m256, mask: __m256i) {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe {
            let words = _mm256_cvtps_epi32(value);
            let halves = _mm_packs_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            let bytes = _mm_cvtsi128_si64(_mm_packus_epi16(halves, halves)).to_le_bytes();
            to.copy_from_nonoverlapping(bytes.as_ptr(), count(mask));
        }
    }

    #[inline(always)]
    unsafe fn load_bf16(self, from: *const Bf16, mask: __m256i) -> __m256 {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe {
            let halves = match count(mask) {
                8 => _mm_loadu_si128(from.cast()),
                count => {
                    let mut some = [Bf16::default(); 8];
                    some.as_mut_ptr().copy_from_nonoverlapping(from, count);
                    _mm_loadu_si128(some.as_ptr().cast())
                }
            };
            _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_cvtepu16_epi32(halves)))
        }
    }

    #[inline(always)]
    unsafe fn store_bf16(self, to: *mut Bf16, value: __m256, mask: __m256i) {
        // SAFETY: the caller's promise; `self` proves the features.
        unsafe {
            let bits = _mm256_castps_si256(value);
            let odd = _mm256_and_si256(_mm256_srli_epi32::<16>(bits), _mm256_set1_epi32(1));
            let rounded = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(HALF)));
            let quiet = _mm256_or_si256(bits, _mm256_set1_epi32(QUIET));
            let nan = _mm256_castps_si256(_mm256_cmp_ps::<_CMP_UNORD_Q>(value, value));
            let words = _mm256_srli_epi32::<16>(_mm256_blendv_epi8(rounded, quiet, nan));
            let [low, high] = [_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words)];
            let halves = _mm_packus_epi32(low, high);
            match count(mask) {
                8 => _mm_storeu_si128(to.cast(), halves),
                count => {
                    let mut all = [Bf16::default(); 8];
                    _mm_storeu_si128(all.as_mut_ptr().cast(), halves);
                    to.copy_from_nonoverlapping(all.as_ptr(), count);
                }
            }
        }
    }
}

/// How many lanes take part.
///
/// # Safety
/// The machine has AVX.
#[inline(always)]
unsafe fn count(mask: __m256i) -> usize {
    // SAFETY: the caller's promise.
    unsafe { _mm256_movemask_ps(_mm256_castsi256_ps(mask)) }.count_ones() as usize
}

#[target_feature(enable = "avx2,fma")]
unsafe fn entry<const ROWS: usize, const VECTORS: usize, const MODE: u8>(args: &TileArgs) {
    // SAFETY: the caller's promises about the features and about `args`.
    unsafe { tile_by_tail::<_, _, Singles, ROWS, VECTORS, MODE>(Avx2::<false>(()), Avx2::<true>(()), args) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn entry_pairs<const ROWS: usize, const VECTORS: usize, const MODE: u8>(args: &TileArgs) {
    // SAFETY: the caller's promises about the features and about `args`.
    unsafe { tile::<Avx2, Pairs, ROWS, VECTORS, MODE>(Avx2(()), args) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn fetch(args: &TileArgs, size: Size) {
    // SAFETY: the caller's promises about the features and about `args`.
    unsafe { join::fetch(Avx2::<true>(()), args, size) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn store(args: &TileArgs, size: Size, sums: *const f32) {
    // SAFETY: the caller's promises about the features and about `args`.
    unsafe { join::store(Avx2::<true>(()), args, size, sums) }
}

const JOIN: Join = Join { fetch, store };

macro_rules! tiles {
    ($($of:ident)*) => {
        menu!($($of)*, 8;
            [1 2 3 4 5 6 7 8 9 10 11 12]
            [1 2 3 4 5 6]
            [1 2 3]
            [])
    };
}

pub static MENU: Menu = tiles!(entry);
pub static PAIRS: Menu = tiles!(pairs entry_pairs);
