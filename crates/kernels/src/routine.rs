//! What the numeric routines share: how they are cut into pieces of work.

/// One phase of a routine. Its chunks may run in any order, on any thread, each exactly once; the
/// next phase begins when all of them are done. Neither the number of chunks nor what a chunk
/// computes depends on the number of threads. What has no more than one keeps it as its `phase`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PhaseSpec {
    /// How many pieces the phase is cut into. Neighbours share operands.
    pub chunks: usize,
    /// Bytes of 64-byte aligned memory that a running chunk needs for itself.
    pub scratch: usize,
    /// Rough floating-point operations of the whole phase, for deciding to stay on one thread.
    pub cost: f64,
}

/// The register tile of a product: so many rows of so many vectors are summed at a time. Edges take
/// smaller ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tile {
    pub vectors: usize,
    pub rows: usize,
}

/// The sizes that a product is planned for; printed, they say what it multiplies.
pub trait Sizes: std::fmt::Display {
    /// Floating-point operations of the definition, none of them on padding.
    fn work(&self) -> f64;
}

/// What an element of an operand is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Float {
    #[default]
    F32,
    /// The upper half of an f32.
    Bf16,
}

impl Float {
    /// Bytes of so many elements.
    pub fn bytes(self, count: usize) -> usize {
        match self {
            Float::F32 => 4 * count,
            Float::Bf16 => 2 * count,
        }
    }
}

/// What the operands of a routine are. Sums are f32 in any case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Floats {
    pub inputs: Float,
    pub output: Float,
}

impl Floats {
    /// f32 throughout.
    pub const F32: Floats = Floats { inputs: Float::F32, output: Float::F32 };
}

/// Where the operands of a routine with two inputs lie: f32, unless it was planned for other [`Floats`].
#[derive(Clone, Copy, Debug)]
pub struct Operands {
    pub inputs: [*const f32; 2],
    /// f32. Null if there is none.
    pub bias: *const f32,
    /// f32 at the offsets of the output. Null if there is none. A convolution takes the output itself: it reads
    /// each element before it writes there.
    pub addend: *const f32,
    /// f32 or bool, as the epilogue's gate wants it, at the offsets of the output, as `addend`.
    pub gate: *const u8,
    /// Which output of each window max pooling took in each channel, counted row by row. Null if nothing was pooled.
    pub winners: *const u8,
    /// Mean and variance of each channel of the output, f32. Null if nobody wants them.
    pub moments: [*mut f32; 2],
    pub output: *mut f32,
    /// Memory that all phases of a run share, 64-byte aligned.
    pub temp: *mut u8,
    /// Memory of the running chunk alone, 64-byte aligned.
    pub scratch: *mut u8,
}

impl Operands {
    /// None of them.
    pub const NONE: Operands = Operands {
        inputs: [std::ptr::null(); 2],
        bias: std::ptr::null(),
        addend: std::ptr::null(),
        gate: std::ptr::null(),
        winners: std::ptr::null(),
        moments: [std::ptr::null_mut(); 2],
        output: std::ptr::null_mut(),
        temp: std::ptr::null_mut(),
        scratch: std::ptr::null_mut(),
    };
}

/// The first phases of a routine, if they read one input alone and write nothing but `temp`, and the later
/// ones read neither that input nor what else was in `temp`: a kernel that is transformed, say. While the
/// input stays as it is they need not run again, if `temp` is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prelude {
    pub phases: usize,
    pub input: usize,
}

/// A planned computation on two inputs.
pub trait Routine: Send + Sync {
    /// What it makes of one input before it reads the other.
    fn prelude(&self) -> Option<Prelude> {
        None
    }

    /// The phases, in order.
    fn phases(&self) -> &[PhaseSpec];

    /// Bytes that all phases of a run share.
    fn temp(&self) -> usize;

    /// The largest tile of its products.
    fn tile(&self) -> Tile;

    /// Runs one chunk.
    ///
    /// # Safety
    /// The operands hold the tensors that the routine was planned for; the output and `temp` are
    /// touched by nobody but this run, `scratch` by nobody but this chunk, and the phases before are
    /// complete.
    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands);
}

/// Floating-point operations that make a chunk worth handing to a thread: tens of microseconds.
const CHUNK_FLOPS: f64 = 8e6;

/// Fewer are done before another thread has noticed that there are any.
const LEAST_FLOPS: f64 = 4e5;

/// Floating-point operations of a chunk where cuts cost nothing, as those between results: small work is
/// shared by four threads too, so that a prediction for one image does not wait for one of them.
pub(crate) fn chunk_flops(total: f64) -> f64 {
    (total / 4.0).clamp(LEAST_FLOPS, CHUNK_FLOPS)
}

/// How many chunks so much work makes where cuts cost nothing.
pub(crate) fn free_chunk_count(flops: f64) -> usize {
    even_count((flops / chunk_flops(flops)) as usize)
}

/// How many chunks so much work makes whose partial results are added.
pub(crate) fn chunk_count(flops: f64) -> usize {
    even_count((flops / CHUNK_FLOPS) as usize)
}

/// One chunk, or so many and perhaps a few more: a multiple of four, so that two or four threads are
/// done at the same time.
pub(crate) fn even_count(chunks: usize) -> usize {
    if chunks < 2 { 1 } else { chunks.next_multiple_of(4) }
}

/// The part of `0..total` that piece `index` of `pieces` owns; sizes differ by at most one. The larger ones are spread
/// over all, so that threads, which own neighbouring pieces, get as many of them.
pub(crate) fn share(total: usize, pieces: usize, index: usize) -> std::ops::Range<usize> {
    total * index / pieces..total * (index + 1) / pieces
}

/// `count` floats in bytes, rounded up to whole cache lines.
pub(crate) fn aligned_bytes(count: usize) -> usize {
    (count * size_of::<f32>()).next_multiple_of(64)
}
