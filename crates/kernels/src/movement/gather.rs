use fovea_core::DType;

use crate::isa::Isa;
use crate::multiversion::multiversioned;
use crate::routine::PhaseSpec;

/// Bytes that make a chunk.
const CHUNK_BYTES: usize = 256 << 10;
/// Elements of a line that are added at a time.
const TILE: usize = 1024;

/// The first index outside `0..limit`, as its place and value, if there is one. `Gather`,
/// `ScatterAdd` and `OneHot` treat such an index as none; where it is an error, ask this first.
///
/// # Safety
/// `indices` holds `n` elements of `dtype` (`I32`, `I64`, `U32`, `U8` or `I8`).
pub unsafe fn first_out_of_range(
    dtype: DType,
    indices: *const u8,
    n: usize,
    limit: usize,
) -> Option<(usize, i64)> {
    // SAFETY: promised by the caller.
    (0..n).map(|i| (i, unsafe { index(dtype, indices, i) })).find(|&(_, v)| v < 0 || v as u64 >= limit as u64)
}

/// Index `i` of a tensor of indices.
///
/// # Safety
/// `indices` holds more than `i` elements of `dtype`.
#[inline(always)]
pub(super) unsafe fn index(dtype: DType, indices: *const u8, i: usize) -> i64 {
    // SAFETY: promised by the caller.
    unsafe {
        match dtype {
            DType::I32 => i64::from(*indices.cast::<i32>().add(i)),
            DType::I64 => *indices.cast::<i64>().add(i),
            DType::U32 => i64::from(*indices.cast::<u32>().add(i)),
            DType::I8 => i64::from(*indices.cast::<i8>().add(i)),
            DType::U8 | DType::Bool => i64::from(*indices.add(i)),
            DType::F32 | DType::Bf16 => -1,
        }
    }
}

/// As [`index`], if it lies in `0..limit`.
///
/// # Safety
/// As [`index`].
#[inline(always)]
pub(super) unsafe fn index_below(dtype: DType, indices: *const u8, i: usize, limit: usize) -> Option<usize> {
    // SAFETY: promised by the caller.
    let value = unsafe { index(dtype, indices, i) };
    usize::try_from(value).ok().filter(|&v| v < limit)
}

/// Slices along one axis, chosen by indices: shape `[outer, axis, inner]` and `m` indices give
/// `[outer, m, inner]`. An index out of range gives zeros.
#[derive(Debug)]
pub struct Gather {
    size: usize,
    indices: DType,
    m: usize,
    axis: usize,
    inner: usize,
    slices: usize,
    slices_per_chunk: usize,
    /// Its one phase.
    pub phase: PhaseSpec,
}

impl Gather {
    /// Plans the gathering of `m` slices along `axis` of `shape`, elements of `size` bytes.
    pub fn new(size: usize, shape: &[usize], axis: usize, indices: DType, m: usize) -> Gather {
        let outer: usize = shape[..axis].iter().product();
        let inner: usize = shape[axis + 1..].iter().product();
        let slices = if inner == 0 { 0 } else { outer * m };
        let slices_per_chunk = (CHUNK_BYTES / (inner * size).max(8)).max(1);
        let phase = PhaseSpec {
            chunks: slices.div_ceil(slices_per_chunk),
            scratch: 0,
            cost: (slices * inner * size) as f64 * 10.0,
        };
        Gather { size, indices, m, axis: shape[axis], inner, slices, slices_per_chunk, phase }
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// `input`, `indices` and `output` are valid for their shapes, aligned, and apart.
    pub unsafe fn run(&self, chunk: usize, input: *const u8, indices: *const u8, output: *mut u8) {
        let bytes = self.inner * self.size;
        let first = chunk * self.slices_per_chunk;
        for slice in first..self.slices.min(first + self.slices_per_chunk) {
            let (outer, i) = (slice / self.m, slice % self.m);
            // SAFETY: the index is in range, everything else is promised by the caller.
            unsafe {
                let to = output.add(slice * bytes);
                match index_below(self.indices, indices, i, self.axis) {
                    Some(at) => {
                        to.copy_from_nonoverlapping(input.add((outer * self.axis + at) * bytes), bytes);
                    }
                    None => to.write_bytes(0, bytes),
                }
            }
        }
    }
}

/// The gradient of [`Gather`] on floats: `[outer, m, inner]` is added, in the order of the
/// indices, to the slices of a tensor of zeros `[outer, axis, inner]` that they name. An index
/// out of range adds to nothing.
#[derive(Debug)]
pub struct ScatterAdd {
    isa: Isa,
    indices: DType,
    m: usize,
    axis: usize,
    inner: usize,
    tiles: usize,
    items: usize,
    items_per_chunk: usize,
    /// Its one phase.
    pub phase: PhaseSpec,
}

impl ScatterAdd {
    /// Plans the gradient of gathering `m` slices along `axis` of `shape`.
    pub fn new(isa: Isa, shape: &[usize], axis: usize, indices: DType, m: usize) -> ScatterAdd {
        let outer: usize = shape[..axis].iter().product();
        let inner: usize = shape[axis + 1..].iter().product();
        // Each item owns its part of the output, so that the order of additions is the indices'.
        let tiles = inner.div_ceil(TILE);
        let items = outer * tiles;
        let bytes = outer * inner * (m + shape[axis]) * 4;
        let items_per_chunk = (CHUNK_BYTES * items / bytes.max(1)).max(1);
        let phase =
            PhaseSpec { chunks: items.div_ceil(items_per_chunk), scratch: 0, cost: bytes as f64 * 10.0 };
        ScatterAdd { isa, indices, m, axis: shape[axis], inner, tiles, items, items_per_chunk, phase }
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// `g`, `indices` and `output` are valid for their shapes, aligned, and apart.
    pub unsafe fn run(&self, chunk: usize, g: *const f32, indices: *const u8, output: *mut f32) {
        let first = chunk * self.items_per_chunk;
        for item in first..self.items.min(first + self.items_per_chunk) {
            let (outer, tile) = (item / self.tiles, item % self.tiles * TILE);
            let n = TILE.min(self.inner - tile);
            // SAFETY: indices are in range, everything else is promised by the caller.
            unsafe {
                let output = output.add(outer * self.axis * self.inner + tile);
                for at in 0..self.axis {
                    std::slice::from_raw_parts_mut(output.add(at * self.inner), n).fill(0.0);
                }
                for i in 0..self.m {
                    if let Some(at) = index_below(self.indices, indices, i, self.axis) {
                        let g = g.add((outer * self.m + i) * self.inner + tile);
                        let to = std::slice::from_raw_parts_mut(output.add(at * self.inner), n);
                        add(self.isa, to, std::slice::from_raw_parts(g, n));
                    }
                }
            }
        }
    }
}

multiversioned! {
    fn add(to: &mut [f32], g: &[f32]) {
        for (t, &g) in to.iter_mut().zip(g) {
            *t += g;
        }
    }
}
