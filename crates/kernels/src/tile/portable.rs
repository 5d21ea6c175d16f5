//! Plain arrays, which compilers turn into whatever vectors the target has.

use super::factors::{Pairs, Singles};
use super::join::{self, Join, Size};
use super::kernel::{Menu, TileArgs, menu, tile};
use super::simd::{self, Operation, Simd, bf16};
use fovea_core::Bf16;

const LANES: usize = 4;

#[derive(Clone, Copy)]
pub struct Portable(());

// SAFETY: it needs no instructions.
unsafe impl Simd for Portable {
    type Vector = [f32; LANES];
    type Mask = usize;
    const LANES: usize = LANES;

    fn new() -> Option<Self> {
        Some(Portable(()))
    }

    #[inline]
    unsafe fn enter<O: Operation>(self, operation: O) {
        // SAFETY: the caller's promise.
        unsafe { operation.run(self) }
    }

    #[inline(always)]
    fn mask(self, count: usize) -> usize {
        count
    }

    #[inline(always)]
    fn splat(self, value: f32) -> [f32; LANES] {
        [value; LANES]
    }

    #[inline(always)]
    fn multiply_add(self, a: [f32; LANES], b: [f32; LANES], c: [f32; LANES]) -> [f32; LANES] {
        std::array::from_fn(|lane| a[lane] * b[lane] + c[lane])
    }

    #[inline(always)]
    fn add(self, a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
        std::array::from_fn(|lane| a[lane] + b[lane])
    }

    #[inline(always)]
    fn max(self, a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
        std::array::from_fn(|lane| if a[lane] > b[lane] { a[lane] } else { b[lane] })
    }

    #[inline(always)]
    fn min(self, a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
        std::array::from_fn(|lane| if a[lane] < b[lane] { a[lane] } else { b[lane] })
    }

    #[inline(always)]
    fn where_greater(
        self,
        a: [f32; LANES],
        b: [f32; LANES],
        then: [f32; LANES],
        other: [f32; LANES],
    ) -> [f32; LANES] {
        std::array::from_fn(|lane| if a[lane] > b[lane] { then[lane] } else { other[lane] })
    }

    #[inline(always)]
    fn first(self, words: [f32; LANES]) -> [f32; LANES] {
        words.map(|word| f32::from_bits(word.to_bits() << 16))
    }

    #[inline(always)]
    fn second(self, words: [f32; LANES]) -> [f32; LANES] {
        words.map(|word| f32::from_bits(word.to_bits() >> 16 << 16))
    }

    #[inline(always)]
    fn pair(self, first: [f32; LANES], second: [f32; LANES]) -> [f32; LANES] {
        let word = |lane: usize| first[lane].to_bits() >> 16 | second[lane].to_bits() >> 16 << 16;
        std::array::from_fn(|lane| f32::from_bits(word(lane)))
    }

    #[inline(always)]
    fn prefetch(self, _: *const f32) {}

    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> [f32; LANES] {
        // SAFETY: the caller's promise; the read asks for no alignment.
        unsafe { from.cast::<[f32; LANES]>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn load_masked(self, from: *const f32, count: usize) -> [f32; LANES] {
        if count == LANES {
            // SAFETY: the caller's promise.
            return unsafe { self.load(from) };
        }
        let mut vector = [0.0; LANES];
        for (lane, value) in vector.iter_mut().enumerate().take(count) {
            // SAFETY: the caller's promise for the first `count` floats.
            *value = unsafe { from.add(lane).read_unaligned() };
        }
        vector
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32, value: [f32; LANES]) {
        // SAFETY: the caller's promise; the write asks for no alignment.
        unsafe { to.cast::<[f32; LANES]>().write_unaligned(value) }
    }

    #[inline(always)]
    unsafe fn store_masked(self, to: *mut f32, value: [f32; LANES], count: usize) {
        for (lane, value) in value.into_iter().enumerate().take(count) {
            // SAFETY: the caller's promise for the first `count` floats.
            unsafe { to.add(lane).write_unaligned(value) };
        }
    }

    #[inline(always)]
    unsafe fn store_nonzero(self, vectors: [[f32; LANES]; 2], to: [*mut f32; 2]) -> usize {
        // SAFETY: the caller's promise.
        unsafe { simd::store_nonzero(vectors, to) }
    }

    #[inline(always)]
    unsafe fn stream(self, to: *mut f32, value: [f32; LANES]) {
        // SAFETY: the caller's promise.
        unsafe { self.store(to, value) }
    }

    #[inline(always)]
    fn fence(self) {}

    #[inline(always)]
    unsafe fn load_bytes(self, from: *const u8, count: usize) -> [f32; LANES] {
        // SAFETY: the caller's promise for the first `count`.
        std::array::from_fn(|lane| if lane < count { f32::from(unsafe { *from.add(lane) }) } else { 0.0 })
    }

    #[inline(always)]
    unsafe fn store_bytes(self, to: *mut u8, value: [f32; LANES], count: usize) {
        for (lane, value) in value.into_iter().enumerate().take(count) {
            // SAFETY: the caller's promise for the first `count`.
            unsafe { *to.add(lane) = value as u8 };
        }
    }

    #[inline(always)]
    unsafe fn load_bf16(self, from: *const Bf16, count: usize) -> [f32; LANES] {
        // SAFETY: the caller's promise for the first `count`.
        unsafe { bf16::load(from, count) }
    }

    #[inline(always)]
    unsafe fn store_bf16(self, to: *mut Bf16, value: [f32; LANES], count: usize) {
        // SAFETY: the caller's promise for the first `count`.
        unsafe { bf16::store(to, value, count) }
    }
}

unsafe fn entry<const ROWS: usize, const VECTORS: usize, const MODE: u8>(args: &TileArgs) {
    // SAFETY: the caller's promises about `args`.
    unsafe { tile::<Portable, Singles, ROWS, VECTORS, MODE>(Portable(()), args) }
}

unsafe fn entry_pairs<const ROWS: usize, const VECTORS: usize, const MODE: u8>(args: &TileArgs) {
    // SAFETY: the caller's promises about `args`.
    unsafe { tile::<Portable, Pairs, ROWS, VECTORS, MODE>(Portable(()), args) }
}

unsafe fn fetch(args: &TileArgs, size: Size) {
    // SAFETY: the caller's promises about `args`.
    unsafe { join::fetch(Portable(()), args, size) }
}

unsafe fn store(args: &TileArgs, size: Size, sums: *const f32) {
    // SAFETY: the caller's promises about `args`.
    unsafe { join::store(Portable(()), args, size, sums) }
}

const JOIN: Join = Join { fetch, store };

macro_rules! tiles {
    ($($of:ident)*) => {
        menu!($($of)*, 4;
            [1 2 3 4 5 6 7 8]
            [1 2 3 4 5 6]
            [1 2 3 4]
            [])
    };
}

pub static MENU: Menu = tiles!(entry);
pub static PAIRS: Menu = tiles!(pairs entry_pairs);
