//! What else may join a tile's sums on their way to memory: an addend, a gate, rounding. One function an
//! instruction set does it for tiles of all sizes, from a copy of the sums, so that the tiles themselves stay small.

use super::activation::Finish;
use super::kernel::{Menu, TileArgs};
use super::pack;
use super::simd::Simd;
use crate::routine::Float;
use fovea_core::Bf16;

/// Sums of a tile, and its rows, at most.
const MOST: usize = 512;
const ROWS: usize = 32;

/// Rows and vectors of a tile.
pub type Size = [usize; 2];

/// What an instruction set does with what joins the sums.
#[derive(Clone, Copy)]
pub struct Join {
    /// Fetches it.
    pub fetch: unsafe fn(&TileArgs, Size),
    /// Takes sums to memory that lie at the pointer, whole vectors, row by row.
    pub store: unsafe fn(&TileArgs, Size, *const f32),
}

#[repr(align(64))]
struct Sums([f32; MOST]);

impl Menu {
    /// Runs a tile whose sums are joined by more than a bias, or rounded.
    ///
    /// # Safety
    /// As [`Menu::run`].
    pub(super) unsafe fn run_joined(&self, tile: unsafe fn(&TileArgs), size: Size, args: &TileArgs) {
        let [rows, vectors] = size;
        let stride = vectors * self.lanes;
        assert!(rows <= ROWS && rows * stride <= MOST, "no tile is larger");
        let mut sums = Sums([0.0; MOST]);
        let at: [usize; ROWS] = std::array::from_fn(|row| row * stride);
        let alone = TileArgs {
            c: sums.0.as_mut_ptr(),
            c_rows: at.as_ptr(),
            result: Float::F32,
            accumulate: false,
            finish: Finish::NONE,
            streams: false,
            ..*args
        };
        // SAFETY: the caller's promise; the copy has room for all sums.
        unsafe {
            (self.join.fetch)(args, size);
            tile(&alone);
            (self.join.store)(args, size, sums.0.as_ptr());
        }
    }
}

/// [`Join::fetch`].
///
/// # Safety
/// As [`Menu::run`].
#[inline(always)]
pub(super) unsafe fn fetch<S: Simd>(simd: S, args: &TileArgs, [rows, vectors]: Size) {
    let lanes = vectors * S::LANES;
    for m in 0..rows {
        // SAFETY: `c_rows` holds an offset for every row.
        let at = unsafe { *args.c_rows.add(m) };
        let to = args.c.wrapping_byte_add(args.result.bytes(at));
        pack::fetch(simd, to.cast_const().cast(), args.result.bytes(lanes));
        args.finish.fetch(simd, args.c, at, lanes);
    }
}

/// [`Join::store`].
///
/// # Safety
/// As [`Menu::run`]; the sums are readable.
#[inline(always)]
pub(super) unsafe fn store<S: Simd>(simd: S, args: &TileArgs, [rows, vectors]: Size, sums: *const f32) {
    for m in 0..rows {
        for n in 0..vectors {
            let mask = simd.mask(if n + 1 == vectors { args.tail } else { S::LANES });
            // SAFETY: the caller's promise; `c_rows` holds an offset for every row.
            unsafe {
                let at = *args.c_rows.add(m) + n * S::LANES;
                let mut sum = simd.load(sums.wrapping_add((m * vectors + n) * S::LANES));
                if args.accumulate {
                    sum = simd.add(sum, simd.load_masked(args.c.wrapping_add(at), mask));
                }
                sum = args.finish.vector(simd, sum, [n * S::LANES, at], mask);
                match args.result {
                    Float::F32 => simd.store_masked(args.c.wrapping_add(at), sum, mask),
                    Float::Bf16 => simd.store_bf16(args.c.cast::<Bf16>().wrapping_add(at), sum, mask),
                }
            }
        }
    }
}
