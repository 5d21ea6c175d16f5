use fovea_core::DType;

use super::gather::index_below;
use crate::routine::PhaseSpec;

/// Bytes that make a chunk.
const CHUNK_BYTES: usize = 256 << 10;

/// A tensor `[outer, n, inner]` and indices `[outer, m, inner]` or, one for a whole row,
/// `[outer, m, 1]`.
#[derive(Clone, Copy, Debug)]
pub struct Along {
    indices: DType,
    outer: usize,
    n: usize,
    m: usize,
    inner: usize,
    /// Whether an index stands for a row.
    rows: bool,
}

impl Along {
    /// Reads the sizes off the tensor's and the indices' shapes, which differ along `axis` only, or
    /// in that the indices' sides after it are 1.
    pub fn new(dtype: DType, shape: &[usize], indices: &[usize], axis: usize) -> Along {
        let product = |sides: &[usize]| sides.iter().product::<usize>();
        let inner = product(&shape[axis + 1..]);
        let rows = inner != 1 && product(&indices[axis + 1..]) == 1;
        Along {
            indices: dtype,
            outer: product(&shape[..axis]),
            n: shape[axis],
            m: indices[axis],
            inner,
            rows,
        }
    }

    /// Elements that one index stands for, and how many indices stand side by side.
    fn split(&self) -> (usize, usize) {
        if self.rows { (self.inner, 1) } else { (1, self.inner) }
    }
}

/// The elements or rows that the indices name, each within its own part of the tensor. An index out
/// of range gives zeros.
#[derive(Debug)]
pub struct TakeAlong {
    along: Along,
    size: usize,
    items_per_chunk: usize,
    /// Its one phase.
    pub phase: PhaseSpec,
}

impl TakeAlong {
    /// Plans the taking of elements of `size` bytes.
    pub fn new(along: Along, size: usize) -> TakeAlong {
        let items = along.outer * along.m;
        let items_per_chunk = (CHUNK_BYTES / (along.inner * size).max(8)).max(1);
        let phase = PhaseSpec {
            chunks: if along.inner == 0 { 0 } else { items.div_ceil(items_per_chunk) },
            scratch: 0,
            cost: (items * along.inner * size) as f64 * 10.0,
        };
        TakeAlong { along, size, items_per_chunk, phase }
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// `input`, `indices` and `output` are valid for their shapes, aligned, and apart.
    pub unsafe fn run(&self, chunk: usize, input: *const u8, indices: *const u8, output: *mut u8) {
        // SAFETY: passed on.
        unsafe {
            match self.size {
                1 => self.chunk::<u8>(chunk, input.cast(), indices, output.cast()),
                2 => self.chunk::<u16>(chunk, input.cast(), indices, output.cast()),
                4 => self.chunk::<u32>(chunk, input.cast(), indices, output.cast()),
                _ => self.chunk::<u64>(chunk, input.cast(), indices, output.cast()),
            }
        }
    }

    /// # Safety
    /// As `run`; `T` has the element's size.
    unsafe fn chunk<T: Copy>(&self, chunk: usize, input: *const T, indices: *const u8, output: *mut T) {
        let Along { indices: dtype, outer, n, m, inner, .. } = self.along;
        let (width, count) = self.along.split();
        let first = chunk * self.items_per_chunk;
        for item in first..(outer * m).min(first + self.items_per_chunk) {
            let part = item / m * n * inner;
            for j in 0..count {
                // SAFETY: the index is in range, everything else is promised by the caller.
                unsafe {
                    let to = output.add(item * inner + j);
                    match index_below(dtype, indices, item * count + j, n) {
                        Some(at) => to.copy_from_nonoverlapping(input.add(part + at * inner + j), width),
                        None => to.write_bytes(0, width),
                    }
                }
            }
        }
    }
}

/// The gradient of [`TakeAlong`] on floats: elements or rows `[outer, m, inner]` are added, in the
/// order of the indices, to those of a tensor of zeros `[outer, n, inner]` that the indices name. An
/// index out of range adds to nothing.
#[derive(Debug)]
pub struct AddAlong {
    along: Along,
    parts_per_chunk: usize,
    /// Its one phase.
    pub phase: PhaseSpec,
}

impl AddAlong {
    /// Plans the adding; `along` is that of the taking.
    pub fn new(along: Along) -> AddAlong {
        let bytes = (along.n + along.m) * along.inner * 4;
        let parts_per_chunk = (CHUNK_BYTES / bytes.max(8)).max(1);
        let phase = PhaseSpec {
            chunks: if along.n * along.inner == 0 { 0 } else { along.outer.div_ceil(parts_per_chunk) },
            scratch: 0,
            cost: (along.outer * bytes) as f64 * 10.0,
        };
        AddAlong { along, parts_per_chunk, phase }
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// `g`, `indices` and `output` are valid for their shapes, aligned, and apart.
    pub unsafe fn run(&self, chunk: usize, g: *const f32, indices: *const u8, output: *mut f32) {
        let Along { indices: dtype, outer, n, m, inner, .. } = self.along;
        let (width, count) = self.along.split();
        let first = chunk * self.parts_per_chunk;
        for part in first..outer.min(first + self.parts_per_chunk) {
            // SAFETY: the part lies inside the output, the indices are in range, everything else is
            // promised by the caller.
            unsafe {
                let to = std::slice::from_raw_parts_mut(output.add(part * n * inner), n * inner);
                to.fill(0.0);
                for item in part * m..(part + 1) * m {
                    for j in 0..count {
                        let Some(at) = index_below(dtype, indices, item * count + j, n) else { continue };
                        let from = std::slice::from_raw_parts(g.add(item * inner + j), width);
                        let to = &mut to[at * inner + j..][..width];
                        to.iter_mut().zip(from).for_each(|(t, g)| *t += g);
                    }
                }
            }
        }
    }
}
