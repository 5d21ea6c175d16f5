use fovea_core::DType;

use super::gather::index_below;
use crate::routine::PhaseSpec;

/// Bytes that make a chunk.
const CHUNK_BYTES: usize = 256 << 10;

/// Rows of `depth` elements, one per index: `on` at the index, `off` elsewhere. An index out of
/// range gives a row of `off`.
#[derive(Debug)]
pub struct OneHot {
    size: usize,
    indices: DType,
    n: usize,
    depth: usize,
    on: u64,
    off: u64,
    rows_per_chunk: usize,
    /// Its one phase.
    pub phase: PhaseSpec,
}

impl OneHot {
    /// Plans `n` rows. `on` and `off` hold the bytes of an element of `size` bytes, the first in
    /// memory.
    pub fn new(size: usize, indices: DType, n: usize, depth: usize, on: u64, off: u64) -> OneHot {
        let rows_per_chunk = (CHUNK_BYTES / (depth * size).max(1)).max(1);
        let chunks = if depth == 0 { 0 } else { n.div_ceil(rows_per_chunk) };
        let phase = PhaseSpec { chunks, scratch: 0, cost: (n * depth * size) as f64 * 10.0 };
        OneHot { size, indices, n, depth, on, off, rows_per_chunk, phase }
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// `indices` holds `n` indices, `output` has room for n · depth elements; both are aligned.
    pub unsafe fn run(&self, chunk: usize, indices: *const u8, output: *mut u8) {
        // SAFETY: passed on.
        unsafe {
            match self.size {
                1 => self.chunk::<u8>(chunk, indices, output),
                2 => self.chunk::<u16>(chunk, indices, output),
                4 => self.chunk::<u32>(chunk, indices, output),
                _ => self.chunk::<u64>(chunk, indices, output),
            }
        }
    }

    /// # Safety
    /// As `run`; `T` has the element's size.
    unsafe fn chunk<T: Copy>(&self, chunk: usize, indices: *const u8, output: *mut u8) {
        let first = chunk * self.rows_per_chunk;
        let last = self.n.min(first + self.rows_per_chunk);
        // SAFETY: the rows lie inside the output; the words begin with an element.
        unsafe {
            let (on, off) =
                ((&raw const self.on).cast::<T>().read(), (&raw const self.off).cast::<T>().read());
            let rows = output.cast::<T>().add(first * self.depth);
            let rows = std::slice::from_raw_parts_mut(rows, (last - first) * self.depth);
            rows.fill(off);
            for i in first..last {
                if let Some(at) = index_below(self.indices, indices, i, self.depth) {
                    rows[(i - first) * self.depth + at] = on;
                }
            }
        }
    }
}
