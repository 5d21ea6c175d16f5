use fovea_core::DType;

use crate::isa::Isa;
use crate::map::Num;
use crate::multiversion::multiversioned;
use crate::routine::PhaseSpec;

/// Bytes of input that make a chunk.
const CHUNK_BYTES: usize = 256 << 10;
/// Elements of a line that are worked on at a time.
const TILE: usize = 1024;

/// Running sums along one axis: element i of the result is the sum of elements 0 … i.
#[derive(Debug)]
pub struct CumSum {
    isa: Isa,
    dtype: DType,
    /// Where sums begin at the far end, and where element i itself is left out.
    reverse: bool,
    exclusive: bool,
    outer: usize,
    lines: usize,
    width: usize,
    items_per_chunk: usize,
    /// Its one phase.
    pub phase: PhaseSpec,
}

impl CumSum {
    /// Running sums of the contiguous tensor `shape` along `axis`; with `reverse` from the far
    /// end (the gradient of the plain one), with `exclusive` without the element itself.
    /// Integers wrap; `dtype` is not `Bool`.
    pub fn new(
        isa: Isa,
        dtype: DType,
        shape: &[usize],
        axis: usize,
        reverse: bool,
        exclusive: bool,
    ) -> CumSum {
        let outer: usize = shape[..axis].iter().product();
        let (lines, width) = (shape[axis], shape[axis + 1..].iter().product::<usize>());
        let items = if lines == 0 { 0 } else { outer * width.div_ceil(TILE) };
        let bytes = outer * lines * width * dtype.size();
        let items_per_chunk = (CHUNK_BYTES * items / bytes.max(1)).max(1);
        let phase = PhaseSpec {
            chunks: items.div_ceil(items_per_chunk),
            scratch: TILE * dtype.size(),
            cost: bytes as f64 * 20.0,
        };
        CumSum { isa, dtype, reverse, exclusive, outer, lines, width, items_per_chunk, phase }
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// `input` and `output` are valid for the tensor, aligned to the element, and the same or
    /// apart; `scratch` has the stated size and is 64-byte aligned.
    pub unsafe fn run(&self, chunk: usize, input: *const u8, output: *mut u8, scratch: *mut u8) {
        let tiles = self.width.div_ceil(TILE);
        let first = chunk * self.items_per_chunk;
        for item in first..(self.outer * tiles).min(first + self.items_per_chunk) {
            macro_rules! typed {
                ($t:ty) => {
                    lines::<$t>(self.isa, self, item / tiles, item % tiles * TILE, input, output, scratch)
                };
            }
            match self.dtype {
                DType::F32 => typed!(f32),
                DType::I32 => typed!(i32),
                DType::U32 => typed!(u32),
                DType::I64 => typed!(i64),
                DType::I8 => typed!(i8),
                DType::U8 | DType::Bool => typed!(u8),
                DType::Bf16 => unreachable!("graphs widen bfloat16"),
            }
        }
    }
}

multiversioned! {
    fn lines<T: Num>(
        plan: &CumSum,
        outer: usize,
        tile: usize,
        input: *const u8,
        output: *mut u8,
        scratch: *mut u8,
    ) {
        let n = TILE.min(plan.width - tile);
        let base = outer * plan.lines * plan.width + tile;
        // SAFETY: the caller of `run` promises operand, result and scratch.
        unsafe {
            let sums = std::slice::from_raw_parts_mut(scratch.cast::<T>(), n);
            sums.fill(T::ZERO);
            for i in 0..plan.lines {
                let line = if plan.reverse { plan.lines - 1 - i } else { i };
                let at = base + line * plan.width;
                let (x, out) = (input.cast::<T>().add(at), output.cast::<T>().add(at));
                for (j, sum) in sums.iter_mut().enumerate() {
                    let (before, after) = (*sum, sum.add(x.wrapping_add(j).read()));
                    out.wrapping_add(j).write(if plan.exclusive { before } else { after });
                    *sum = after;
                }
            }
        }
    }
}
