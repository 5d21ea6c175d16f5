//! NEON: 32 registers of 4 floats. Every aarch64 processor has it, and the compiler counts on it, so
//! nothing has to be asked or enabled.

use fovea_core::Bf16;
use std::arch::aarch64::*;
use std::arch::asm;

use super::factors::{Pairs, Singles};
use super::join::{self, Join, Size};
use super::kernel::{Menu, TileArgs, menu, tile_by_tail};
use super::simd::{self, Operation, Simd, bf16};
use crate::isa::Isa;

/// There are no masked loads and stores: a tail is moved in halves and single lanes, behind a branch.
/// With `TAILS` off every mask holds all lanes and the branch is gone.
#[derive(Clone, Copy)]
pub struct Neon<const TAILS: bool = true>(());

// SAFETY: the instructions are part of the baseline.
unsafe impl<const TAILS: bool> Simd for Neon<TAILS> {
    type Vector = float32x4_t;
    /// How many lanes take part.
    type Mask = usize;
    const LANES: usize = 4;

    fn new() -> Option<Self> {
        Isa::Neon.is_available().then_some(Neon(()))
    }

    #[inline]
    unsafe fn enter<O: Operation>(self, operation: O) {
        // SAFETY: the caller's promise.
        unsafe { operation.run(self) }
    }

    #[inline(always)]
    fn mask(self, count: usize) -> usize {
        debug_assert!(TAILS || count == Self::LANES);
        if TAILS { count } else { Self::LANES }
    }

    #[inline(always)]
    fn splat(self, value: f32) -> float32x4_t {
        // SAFETY: the instruction is part of the baseline.
        unsafe { vdupq_n_f32(value) }
    }

    #[inline(always)]
    fn multiply_add(self, a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t {
        // SAFETY: the instruction is part of the baseline.
        unsafe { vfmaq_f32(c, a, b) }
    }

    #[inline(always)]
    fn add(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: the instruction is part of the baseline.
        unsafe { vaddq_f32(a, b) }
    }

    #[inline(always)]
    fn max(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // Not `vmaxq_f32`, which prefers a NaN on either side.
        // SAFETY: the instructions are part of the baseline.
        unsafe { vbslq_f32(vcgtq_f32(a, b), a, b) }
    }

    #[inline(always)]
    fn min(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: as in `max`.
        unsafe { vbslq_f32(vcltq_f32(a, b), a, b) }
    }

    #[inline(always)]
    fn where_greater(
        self,
        a: float32x4_t,
        b: float32x4_t,
        then: float32x4_t,
        other: float32x4_t,
    ) -> float32x4_t {
        // SAFETY: the instructions are part of the baseline.
        unsafe { vbslq_f32(vcgtq_f32(a, b), then, other) }
    }

    #[inline(always)]
    fn first(self, words: float32x4_t) -> float32x4_t {
        // SAFETY: the instructions are part of the baseline.
        unsafe { vreinterpretq_f32_u32(vshlq_n_u32::<16>(vreinterpretq_u32_f32(words))) }
    }

    #[inline(always)]
    fn second(self, words: float32x4_t) -> float32x4_t {
        // SAFETY: the instructions are part of the baseline.
        unsafe {
            let high = vdupq_n_u32(bf16::HIGH as u32);
            vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(words), high))
        }
    }

    #[inline(always)]
    fn pair(self, first: float32x4_t, second: float32x4_t) -> float32x4_t {
        // SAFETY: the instructions are part of the baseline.
        unsafe {
            let [first, second] = [first, second].map(|half| vreinterpretq_u32_f32(half));
            vreinterpretq_f32_u32(vsriq_n_u32::<16>(second, first))
        }
    }

    #[inline(always)]
    fn prefetch(self, from: *const f32) {
        // SAFETY: a hint, which reads nothing and faults nowhere.
        unsafe {
            asm!("prfm pldl1keep, [{}]", in(reg) from.addr(), options(nomem, nostack, preserves_flags));
        }
    }

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> float32x4_t {
        // SAFETY: the caller's promise.
        unsafe { vld1q_f32(from) }
    }

    #[inline(always)]
    unsafe fn load_masked(self, from: *const f32, count: usize) -> float32x4_t {
        // SAFETY: the caller's promise for the first `count` floats.
        unsafe {
            let none = vdup_n_f32(0.0);
            match count {
                1 => vcombine_f32(vld1_lane_f32::<0>(from, none), none),
                2 => vcombine_f32(vld1_f32(from), none),
                3 => vcombine_f32(vld1_f32(from), vld1_lane_f32::<0>(from.wrapping_add(2), none)),
                _ => vld1q_f32(from),
            }
        }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32, value: float32x4_t) {
        // SAFETY: the caller's promise.
        unsafe { vst1q_f32(to, value) }
    }

    #[inline(always)]
    unsafe fn store_masked(self, to: *mut f32, value: float32x4_t, count: usize) {
        // SAFETY: the caller's promise for the first `count` floats.
        unsafe {
            match count {
                1 => vst1q_lane_f32::<0>(to, value),
                2 => vst1_f32(to, vget_low_f32(value)),
                3 => {
                    vst1_f32(to, vget_low_f32(value));
                    vst1q_lane_f32::<2>(to.wrapping_add(2), value);
                }
                _ => vst1q_f32(to, value),
            }
        }
    }

    #[inline(always)]
    unsafe fn store_nonzero(self, vectors: [float32x4_t; 2], to: [*mut f32; 2]) -> usize {
        let mut lanes = [[0.0; 4]; 2];
        // SAFETY: there are four lanes; the caller's promise.
        unsafe {
            vst1q_f32(lanes[0].as_mut_ptr(), vectors[0]);
            vst1q_f32(lanes[1].as_mut_ptr(), vectors[1]);
            simd::store_nonzero(lanes, to)
        }
    }

    #[inline(always)]
    unsafe fn stream(self, to: *mut f32, value: float32x4_t) {
        // SAFETY: the caller's promise.
        unsafe { self.store(to, value) }
    }

    #[inline(always)]
    fn fence(self) {}

    #[inline(always)]
    unsafe fn load_bytes(self, from: *const u8, count: usize) -> float32x4_t {
        let mut lanes = [0.0; 4];
        for (lane, value) in lanes.iter_mut().enumerate().take(count) {
            // SAFETY: the caller's promise for the first `count`.
            *value = f32::from(unsafe { *from.add(lane) });
        }
        // SAFETY: there are four lanes.
        unsafe { vld1q_f32(lanes.as_ptr()) }
    }

    #[inline(always)]
    unsafe fn store_bytes(self, to: *mut u8, value: float32x4_t, count: usize) {
        let mut lanes = [0.0; 4];
        // SAFETY: there are four lanes; the caller's promise for the first `count`.
        unsafe {
            vst1q_f32(lanes.as_mut_ptr(), value);
            lanes.iter().enumerate().take(count).for_each(|(lane, &value)| *to.add(lane) = value as u8);
        }
    }

    #[inline(always)]
    unsafe fn load_bf16(self, from: *const Bf16, count: usize) -> float32x4_t {
        // SAFETY: the caller's promise for the first `count`.
        unsafe {
            match count {
                4 => vreinterpretq_f32_u32(vshll_n_u16::<16>(vld1_u16(from.cast()))),
                _ => vld1q_f32(bf16::load::<4>(from, count).as_ptr()),
            }
        }
    }

    #[inline(always)]
    unsafe fn store_bf16(self, to: *mut Bf16, value: float32x4_t, count: usize) {
        // SAFETY: the caller's promise for the first `count`.
        unsafe {
            let mut values = [0.0; 4];
            vst1q_f32(values.as_mut_ptr(), value);
            bf16::store(to, values, count);
        }
    }
}

unsafe fn entry<const ROWS: usize, const VECTORS: usize, const MODE: u8>(args: &TileArgs) {
    // SAFETY: the caller's promises about `args`.
    unsafe { tile_by_tail::<_, _, Singles, ROWS, VECTORS, MODE>(Neon::<false>(()), Neon::<true>(()), args) }
}

unsafe fn entry_pairs<const ROWS: usize, const VECTORS: usize, const MODE: u8>(args: &TileArgs) {
    // SAFETY: the caller's promises about `args`.
    unsafe { tile_by_tail::<_, _, Pairs, ROWS, VECTORS, MODE>(Neon::<false>(()), Neon::<true>(()), args) }
}

unsafe fn fetch(args: &TileArgs, size: Size) {
    // SAFETY: the caller's promises about `args`.
    unsafe { join::fetch(Neon::<true>(()), args, size) }
}

unsafe fn store(args: &TileArgs, size: Size, sums: *const f32) {
    // SAFETY: the caller's promises about `args`.
    unsafe { join::store(Neon::<true>(()), args, size, sums) }
}

const JOIN: Join = Join { fetch, store };

// At most 24 sums, so that a step's vectors of `b` and the factors of the next rows find a register as
// well: with the 28 of 14 · 2, the compiler spills where `a` is read by the vector.
macro_rules! tiles {
    ($($of:ident)*) => {
        menu!($($of)*, 4;
            [1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16]
            [1 2 3 4 5 6 7 8 9 10 11 12]
            [1 2 3 4 5 6 7 8]
            [1 2 3 4 5 6])
    };
}

pub static MENU: Menu = tiles!(entry);
pub static PAIRS: Menu = tiles!(pairs entry_pairs);
