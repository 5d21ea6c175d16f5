use fovea_core::DType;

use super::fold::{Bounded, Fold, Max, Min};
use super::form::Form;
use super::kernel::row;
use crate::isa::Isa;
use crate::multiversion::multiversioned;
use crate::routine::PhaseSpec;

/// Bytes of input that make a chunk.
const CHUNK_BYTES: usize = 256 << 10;
/// Elements of a line that are worked on at a time.
const TILE: usize = 1024;

/// Which extreme is looked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ArgOp {
    /// The greatest element.
    Max,
    /// The least element.
    Min,
}

/// The position of the extreme over a set of axes, as `i32` in the row-major order of those axes:
/// the first of equals, the first NaN if there is one.
#[derive(Debug)]
pub struct ArgReduce {
    isa: Isa,
    op: ArgOp,
    dtype: DType,
    form: Form,
    tiles: usize,
    items_per_chunk: usize,
    /// Its one phase.
    pub phase: PhaseSpec,
}

impl ArgReduce {
    /// The positions of the extremes of the contiguous tensor `shape` over `axes`, which hold at
    /// least one element (of nothing, position 0) and fewer than 2³¹.
    pub fn new(isa: Isa, op: ArgOp, dtype: DType, shape: &[usize], axes: &[usize]) -> ArgReduce {
        let form = Form::new(shape, axes);
        let tiles = if form.rows { 1 } else { form.width.div_ceil(TILE) };
        let items = form.outer * tiles;
        let bytes = shape.iter().product::<usize>() * dtype.size();
        let items_per_chunk = (CHUNK_BYTES * items / bytes.max(1)).max(1);
        let phase = PhaseSpec {
            chunks: items.div_ceil(items_per_chunk),
            scratch: if form.rows { 0 } else { TILE * dtype.size() },
            cost: bytes as f64 * 10.0,
        };
        ArgReduce { isa, op, dtype, form, tiles, items_per_chunk, phase }
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// `input` and `output` (of `i32`) are valid for the operand and the results, aligned to
    /// their elements; `scratch` has the stated size and is 64-byte aligned.
    pub unsafe fn run(&self, chunk: usize, input: *const u8, output: *mut u8, scratch: *mut u8) {
        macro_rules! typed {
            ($fold:ident) => {
                match self.dtype {
                    DType::F32 => self.chunk::<$fold, f32>(chunk, input, output, scratch),
                    DType::I32 => self.chunk::<$fold, i32>(chunk, input, output, scratch),
                    DType::U32 => self.chunk::<$fold, u32>(chunk, input, output, scratch),
                    DType::I64 => self.chunk::<$fold, i64>(chunk, input, output, scratch),
                    DType::I8 => self.chunk::<$fold, i8>(chunk, input, output, scratch),
                    DType::U8 | DType::Bool => self.chunk::<$fold, u8>(chunk, input, output, scratch),
                    DType::Bf16 => unreachable!("graphs widen bfloat16"),
                }
            };
        }
        match self.op {
            ArgOp::Max => typed!(Max),
            ArgOp::Min => typed!(Min),
        }
    }

    fn chunk<F: Better<T>, T: Bounded>(
        &self,
        chunk: usize,
        input: *const u8,
        output: *mut u8,
        scratch: *mut u8,
    ) {
        let items = self.form.outer * self.tiles;
        let first = chunk * self.items_per_chunk;
        for item in first..items.min(first + self.items_per_chunk) {
            let (input, output) = (input.cast::<T>(), output.cast::<i32>());
            if self.form.rows {
                rows::<F, T>(self.isa, &self.form, item, input, output);
            } else {
                let (outer, tile) = (item / self.tiles, item % self.tiles * TILE);
                columns::<F, T>(self.isa, &self.form, outer, tile, input, output, scratch.cast::<T>());
            }
        }
    }
}

/// A fold that chooses one of its operands.
trait Better<T>: Fold<T> {
    /// Whether `x` takes the place of `best`, which came earlier.
    fn better(x: T, best: T) -> bool;
}

#[allow(clippy::eq_op)]
impl<T: Bounded> Better<T> for Max {
    #[inline(always)]
    fn better(x: T, best: T) -> bool {
        x > best || (x != x && best == best)
    }
}

#[allow(clippy::eq_op)]
impl<T: Bounded> Better<T> for Min {
    #[inline(always)]
    fn better(x: T, best: T) -> bool {
        x < best || (x != x && best == best)
    }
}

/// Where `value`, which may be NaN, first stands in `x`.
#[inline(always)]
#[allow(clippy::eq_op)]
fn position<T: Bounded>(x: &[T], value: T) -> usize {
    const GROUP: usize = 64;
    let is_it = |v: T| v == value || v != v;
    let group = x.chunks(GROUP).position(|g| g.iter().fold(false, |found, &v| found | is_it(v))).unwrap_or(0);
    let start = group * GROUP;
    start + x[start..].iter().position(|&v| is_it(v)).unwrap_or(0)
}

multiversioned! {
    fn rows<F: Better<T>, T: Bounded>(form: &Form, outer: usize, input: *const T, output: *mut i32) {
        let mut best = (F::IDENTITY, 0);
        for l in 0..form.lines {
            // SAFETY: the caller of `run` promises the operand.
            let line = unsafe {
                let begin = input.add(form.outer_offset(outer) + form.line_offset(l));
                std::slice::from_raw_parts(begin, form.width)
            };
            let value = row::<F, T>(line);
            if l == 0 || F::better(value, best.0) {
                best = (value, l * form.width + position(line, value));
            }
        }
        // SAFETY: the caller of `run` promises the result.
        unsafe { output.add(outer).write(best.1 as i32) };
    }
}

multiversioned! {
    fn columns<F: Better<T>, T: Bounded>(
        form: &Form,
        outer: usize,
        tile: usize,
        input: *const T,
        output: *mut i32,
        scratch: *mut T,
    ) {
        let n = TILE.min(form.width - tile);
        // SAFETY: the caller of `run` promises operand, result and scratch.
        unsafe {
            let index = std::slice::from_raw_parts_mut(output.add(outer * form.width + tile), n);
            let best = std::slice::from_raw_parts_mut(scratch, n);
            index.fill(0);
            let base = input.add(form.outer_offset(outer) + tile);
            for l in 0..form.lines {
                let line = std::slice::from_raw_parts(base.add(form.line_offset(l)), n);
                if l == 0 {
                    best.copy_from_slice(line);
                    continue;
                }
                for j in 0..n {
                    let takes = F::better(line[j], best[j]);
                    best[j] = if takes { line[j] } else { best[j] };
                    index[j] = if takes { l as i32 } else { index[j] };
                }
            }
        }
    }
}
