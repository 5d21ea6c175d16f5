//! NEON: 32 registers of 4 floats. Every aarch64 processor has it, and the compiler counts on it, so
//! nothing has to be asked or enabled.

use std::arch::aarch64::*;
use std::arch::asm;

use super::kernel::{Menu, TileArgs, menu, tile};
use super::simd::{Operation, Simd};
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
}

unsafe fn entry<const ROWS: usize, const VECTORS: usize, const MODE: u8>(args: &TileArgs) {
    // Asked here and not in the innermost loop, where the branch makes the compiler spill the sums.
    // SAFETY: the caller's promises about `args`.
    unsafe {
        if args.tail == <Neon as Simd>::LANES {
            tile::<Neon<false>, ROWS, VECTORS, MODE>(Neon(()), args)
        } else {
            tile::<Neon<true>, ROWS, VECTORS, MODE>(Neon(()), args)
        }
    }
}

// At most 24 sums, so that a step's vectors of `b` and the factors of the next rows find a register as
// well: with the 28 of 14 · 2, the compiler spills where `a` is read by the vector.
pub static MENU: Menu = menu!(entry, 4;
    [1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16]
    [1 2 3 4 5 6 7 8 9 10 11 12]
    [1 2 3 4 5 6 7 8]
    [1 2 3 4 5 6]);
