//! The few vector operations that a tile needs.

use super::pack::{EDGE, turn_block};
use fovea_core::Bf16;

/// Vectors of `f32` in one instruction set.
///
/// # Safety
/// `new` may return a value only where the instructions exist, and `enter` must run its operation
/// with them enabled. The methods are meant to be inlined below `enter`; called elsewhere they
/// are correct but slow.
pub unsafe trait Simd: Copy + 'static {
    /// One register.
    type Vector: Copy;
    /// Which lanes of a register take part.
    type Mask: Copy;
    /// Floats in a register.
    const LANES: usize;
    /// Rows and columns of a block that `turn` takes, no more than a cache line has floats.
    const EDGE: usize = EDGE;

    /// The proof that this machine has the instructions.
    fn new() -> Option<Self>;

    /// Runs `operation` compiled for this instruction set.
    ///
    /// # Safety
    /// As `operation` demands.
    unsafe fn enter<O: Operation>(self, operation: O);

    /// The first `count` lanes, `1 ..= LANES`.
    fn mask(self, count: usize) -> Self::Mask;
    fn splat(self, value: f32) -> Self::Vector;
    /// `a * b + c`, fused where the instruction set can.
    fn multiply_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The larger of each lane; `b` where either is NaN.
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The smaller of each lane; `b` where either is NaN.
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `then` in the lanes where `a > b`, `other` elsewhere and where either is NaN.
    fn where_greater(
        self,
        a: Self::Vector,
        b: Self::Vector,
        then: Self::Vector,
        other: Self::Vector,
    ) -> Self::Vector;

    /// The first bf16 of each lane's word, as floats: a word is two of them, the first in its low half.
    fn first(self, words: Self::Vector) -> Self::Vector;
    /// The second bf16 of each lane's word, as floats.
    fn second(self, words: Self::Vector) -> Self::Vector;
    /// Words of floats that are bf16: the inverse of `first` and `second`.
    fn pair(self, first: Self::Vector, second: Self::Vector) -> Self::Vector;

    /// Transposes a block of `EDGE` rows and columns.
    ///
    /// # Safety
    /// It is readable and writable, of any alignment, and both places do not overlap.
    #[inline(always)]
    unsafe fn turn(self, from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
        // SAFETY: the caller's promise.
        unsafe { turn_block(from, from_stride, to, to_stride) };
    }

    /// Brings the cache line at `from` closer, wherever that points.
    fn prefetch(self, from: *const f32);

    /// # Safety
    /// `LANES` floats are readable at `from`, of any alignment.
    unsafe fn load(self, from: *const f32) -> Self::Vector;
    /// Zero in the lanes outside `mask`, whose memory is not touched.
    ///
    /// # Safety
    /// The floats inside `mask` are readable at `from`.
    unsafe fn load_masked(self, from: *const f32, mask: Self::Mask) -> Self::Vector;
    /// # Safety
    /// `LANES` floats are writable at `to`, of any alignment.
    unsafe fn store(self, to: *mut f32, value: Self::Vector);
    /// # Safety
    /// The floats inside `mask` are writable at `to`.
    unsafe fn store_masked(self, to: *mut f32, value: Self::Vector, mask: Self::Mask);
    /// Stores the lanes of the first vector that are not zero, NaN among them, one after another, and the same lanes
    /// of the second in the same way elsewhere; how many there are. The bits of the second are kept.
    ///
    /// # Safety
    /// `LANES` floats are writable at both places, of any alignment: what lies behind those lanes may change.
    unsafe fn store_nonzero(self, vectors: [Self::Vector; 2], to: [*mut f32; 2]) -> usize;
    /// Past the caches, where the instruction set can; other threads see it in order only after `fence`.
    ///
    /// # Safety
    /// `LANES` floats are writable at `to`, which is aligned to all of them.
    unsafe fn stream(self, to: *mut f32, value: Self::Vector);
    /// Completes what was streamed before whatever is stored afterwards.
    fn fence(self);
    /// Bytes as floats; zero in the lanes outside `mask`, whose memory is not touched.
    ///
    /// # Safety
    /// The bytes inside `mask` are readable at `from`.
    unsafe fn load_bytes(self, from: *const u8, mask: Self::Mask) -> Self::Vector;
    /// The inverse of `load_bytes`, of whole numbers below 256.
    ///
    /// # Safety
    /// The bytes inside `mask` are writable at `to`.
    unsafe fn store_bytes(self, to: *mut u8, value: Self::Vector, mask: Self::Mask);
    /// bf16 as floats; zero in the lanes outside `mask`, whose memory is not touched.
    ///
    /// # Safety
    /// The bf16 inside `mask` are readable at `from`, of any alignment.
    unsafe fn load_bf16(self, from: *const Bf16, mask: Self::Mask) -> Self::Vector;
    /// Rounds to the nearest bf16, to even of two; a NaN stays one.
    ///
    /// # Safety
    /// The bf16 inside `mask` are writable at `to`, of any alignment.
    unsafe fn store_bf16(self, to: *mut Bf16, value: Self::Vector, mask: Self::Mask);
}

/// What an operand may be made of; in registers it is floats.
pub trait Element: Copy {
    /// Zero in the lanes outside `mask`, whose memory is not touched.
    ///
    /// # Safety
    /// The elements inside `mask` are readable at `from`.
    unsafe fn load<S: Simd>(simd: S, from: *const Self, mask: S::Mask) -> S::Vector;
    /// Rounds to the nearest element.
    ///
    /// # Safety
    /// The elements inside `mask` are writable at `to`.
    unsafe fn store<S: Simd>(simd: S, to: *mut Self, value: S::Vector, mask: S::Mask);
}

impl Element for f32 {
    #[inline(always)]
    unsafe fn load<S: Simd>(simd: S, from: *const f32, mask: S::Mask) -> S::Vector {
        // SAFETY: the caller's promise.
        unsafe { simd.load_masked(from, mask) }
    }

    #[inline(always)]
    unsafe fn store<S: Simd>(simd: S, to: *mut f32, value: S::Vector, mask: S::Mask) {
        // SAFETY: the caller's promise.
        unsafe { simd.store_masked(to, value, mask) }
    }
}

impl Element for Bf16 {
    #[inline(always)]
    unsafe fn load<S: Simd>(simd: S, from: *const Bf16, mask: S::Mask) -> S::Vector {
        // SAFETY: the caller's promise.
        unsafe { simd.load_bf16(from, mask) }
    }

    #[inline(always)]
    unsafe fn store<S: Simd>(simd: S, to: *mut Bf16, value: S::Vector, mask: S::Mask) {
        // SAFETY: the caller's promise.
        unsafe { simd.store_bf16(to, value, mask) }
    }
}

/// Something written once against [`Simd`] and compiled for each instruction set. Its `run` must
/// be `#[inline(always)]`, or it is compiled for the baseline.
pub trait Operation {
    /// # Safety
    /// As the operation documents.
    unsafe fn run<S: Simd>(self, simd: S);
}

/// [`Simd::store_nonzero`] lane by lane, for instruction sets without anything better; without a branch, which
/// nothing could foresee.
///
/// # Safety
/// `LANES` floats are writable at both places.
#[inline(always)]
pub unsafe fn store_nonzero<const LANES: usize>(vectors: [[f32; LANES]; 2], to: [*mut f32; 2]) -> usize {
    let mut count = 0;
    for (&value, &beside) in vectors[0].iter().zip(&vectors[1]) {
        // SAFETY: the caller's promise; `count` is less than the lanes before.
        unsafe {
            to[0].add(count).write_unaligned(value);
            to[1].add(count).write_unaligned(beside);
        }
        count += usize::from(value != 0.0);
    }
    count
}

/// bf16 as the high half of an f32's bits.
pub mod bf16 {
    use fovea_core::Bf16;

    /// The bits of a word's second bf16.
    pub const HIGH: i32 = !0xffff;
    /// Just less than half of a bf16's last place, in the bits of an f32.
    #[cfg(target_arch = "x86_64")]
    pub const HALF: i32 = 0x7fff;
    /// The bit that makes a NaN of any bits a quiet one, which no rounding takes away.
    #[cfg(target_arch = "x86_64")]
    pub const QUIET: i32 = 1 << 22;

    /// Lane by lane, for instruction sets without anything better.
    ///
    /// # Safety
    /// `count` are readable at `from`.
    #[inline(always)]
    pub unsafe fn load<const LANES: usize>(from: *const Bf16, count: usize) -> [f32; LANES] {
        let mut vector = [0.0; LANES];
        for (lane, value) in vector.iter_mut().enumerate().take(count) {
            // SAFETY: the caller's promise.
            *value = unsafe { from.add(lane).read_unaligned() }.to_f32();
        }
        vector
    }

    /// Lane by lane, for instruction sets without anything better.
    ///
    /// # Safety
    /// `count` are writable at `to`.
    #[inline(always)]
    pub unsafe fn store<const LANES: usize>(to: *mut Bf16, value: [f32; LANES], count: usize) {
        for (lane, value) in value.into_iter().enumerate().take(count) {
            // SAFETY: the caller's promise.
            unsafe { to.add(lane).write_unaligned(Bf16::from_f32(value)) };
        }
    }
}
