//! The few vector operations that a tile needs.

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
}

/// Something written once against [`Simd`] and compiled for each instruction set. Its `run` must
/// be `#[inline(always)]`, or it is compiled for the baseline.
pub trait Operation {
    /// # Safety
    /// As the operation documents.
    unsafe fn run<S: Simd>(self, simd: S);
}
