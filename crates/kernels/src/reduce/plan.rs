use std::ops::Range;

use fovea_core::DType;

use super::combine::Combine;
use super::fold::{All, Any, Fold, Max, Mean, Min, Prod, Sum};
use super::form::Form;
use super::kernel::{Part, Reducible, levels};
use crate::isa::Isa;
use crate::routine::{PhaseSpec, share};

/// Bytes of input that make a chunk.
const CHUNK_BYTES: usize = 512 << 10;
/// Elements of a line that are worked on at a time, so that the tree stays in the first cache.
const TILE: usize = 1024;
/// Narrow dense lines are joined up to this many elements, to hide the latency of the sums.
const JOINED: usize = 512;

/// What a reduction computes. The result has the dtype of the operand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ReduceOp {
    /// The sum; integers wrap.
    Sum,
    /// The arithmetic mean, of `f32` alone; NaN of nothing.
    Mean,
    /// The product; integers wrap.
    Prod,
    /// The greatest element, NaN if one is; the least of its type of nothing.
    Max,
    /// The least element, NaN if one is; the greatest of its type of nothing.
    Min,
    /// Whether all are true, of `bool` (any byte but 0 is true).
    All,
    /// Whether one is true, of `bool`.
    Any,
}

/// A reduction over a set of axes.
#[derive(Debug)]
pub struct Reduce {
    isa: Isa,
    op: ReduceOp,
    dtype: DType,
    form: Form,
    /// Elements of a line per item, and items per outer index.
    tile: usize,
    tiles: usize,
    /// Parts of the lines, each with a partial result, if the results are too few.
    splits: usize,
    join: usize,
    units_per_chunk: usize,
    phases: Vec<PhaseSpec>,
}

impl Reduce {
    /// A reduction of the contiguous tensor `shape` over `axes`; no axes means none.
    /// `Mean` takes `F32`, `All` and `Any` take `Bool`, the others every type but `Bool`.
    pub fn new(isa: Isa, op: ReduceOp, dtype: DType, shape: &[usize], axes: &[usize]) -> Reduce {
        let form = Form::new(shape, axes);
        let joins = !form.rows && form.is_dense() && form.lines > 1 && form.width * 2 <= JOINED;
        let (tile, tiles) = match form.rows {
            true => (1, 1),
            false => (form.width.min(TILE), form.width.div_ceil(TILE)),
        };
        let items = form.outer * tiles;
        let elements: usize = shape.iter().product();
        let chunk = CHUNK_BYTES / dtype.size();
        let divisible = if form.rows && form.lines == 1 { form.width / 64 } else { form.lines };
        let splits = elements.div_ceil(chunk).div_ceil(items.max(1)).clamp(1, divisible.clamp(1, 256));
        let join =
            if joins { (JOINED / form.width.max(1)).clamp(1, (form.lines / splits).max(1)) } else { 1 };
        let per_unit = (elements / (items * splits).max(1)).max(1);
        let units_per_chunk = (chunk / per_unit).max(1);

        let longest = form.lines.div_ceil(splits).div_ceil(join);
        let scratch = if form.rows { 0 } else { levels(longest) * tile * join * dtype.size() };
        let mut phases = vec![PhaseSpec {
            chunks: (items * splits).div_ceil(units_per_chunk),
            scratch: scratch.next_multiple_of(64),
            cost: (elements * dtype.size()) as f64 * 5.0,
        }];
        if splits > 1 {
            phases.push(combine(&form, splits).phase(dtype.size()));
        }
        Reduce { isa, op, dtype, form, tile, tiles, splits, join, units_per_chunk, phases }
    }

    /// One phase, or two where partial results meet in the second.
    pub fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    /// Bytes for the partial results.
    pub fn temp(&self) -> usize {
        if self.splits > 1 { self.splits * self.form.results() * self.dtype.size() } else { 0 }
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// `input` and `output` are valid for the operand and the results, aligned to the element;
    /// `temp` and `scratch` have the stated sizes and are 64-byte aligned.
    pub unsafe fn run(
        &self,
        phase: usize,
        chunk: usize,
        input: *const u8,
        output: *mut u8,
        temp: *mut u8,
        scratch: *mut u8,
    ) {
        macro_rules! typed {
            ($fold:ident) => {
                match self.dtype {
                    DType::F32 => self.chunk::<$fold, f32>(phase, chunk, input, output, temp, scratch),
                    DType::I32 => self.chunk::<$fold, i32>(phase, chunk, input, output, temp, scratch),
                    DType::U32 => self.chunk::<$fold, u32>(phase, chunk, input, output, temp, scratch),
                    DType::I64 => self.chunk::<$fold, i64>(phase, chunk, input, output, temp, scratch),
                    DType::I8 => self.chunk::<$fold, i8>(phase, chunk, input, output, temp, scratch),
                    DType::U8 | DType::Bool => {
                        self.chunk::<$fold, u8>(phase, chunk, input, output, temp, scratch)
                    }
                    DType::Bf16 => unreachable!("graphs widen bfloat16"),
                }
            };
        }
        // SAFETY: passed on.
        unsafe {
            match self.op {
                ReduceOp::Sum => typed!(Sum),
                ReduceOp::Mean => self.chunk::<Mean, f32>(phase, chunk, input, output, temp, scratch),
                ReduceOp::Prod => typed!(Prod),
                ReduceOp::Max => typed!(Max),
                ReduceOp::Min => typed!(Min),
                ReduceOp::All => self.chunk::<All, u8>(phase, chunk, input, output, temp, scratch),
                ReduceOp::Any => self.chunk::<Any, u8>(phase, chunk, input, output, temp, scratch),
            }
        }
    }

    /// # Safety
    /// As `run`; `T` is the storage of the dtype.
    unsafe fn chunk<F: Fold<T>, T: Reducible>(
        &self,
        phase: usize,
        chunk: usize,
        input: *const u8,
        output: *mut u8,
        temp: *mut u8,
        scratch: *mut u8,
    ) {
        let results = self.form.results();
        let (input, output, temp, scratch) =
            (input.cast::<T>(), output.cast::<T>(), temp.cast::<T>(), scratch.cast::<T>());
        if phase == 1 {
            let combine = combine(&self.form, self.splits);
            // SAFETY: the first phase left all partial results in `temp`; the rest is promised.
            unsafe { combine.run::<F, T>(self.isa, chunk, temp.cast_const(), output, scratch) };
            return;
        }
        let form = &self.form;
        let units = form.outer * self.tiles * self.splits;
        let first = chunk * self.units_per_chunk;
        let last = units.min(first + self.units_per_chunk);
        if form.rows && self.splits == 1 {
            let part = Part {
                form,
                outer: first,
                outers: last - first,
                tile: 0..1,
                lines: self.lines_of(0),
                join: 1,
                input,
                output,
                scratch,
                finish: Some(form.count()),
            };
            T::part::<F>(self.isa, &part);
            return;
        }
        for unit in first..last {
            let (split, item) = (unit % self.splits, unit / self.splits);
            let tile = item % self.tiles * self.tile;
            let part = Part {
                form,
                outer: item / self.tiles,
                outers: 1,
                tile: tile..form.width.min(tile + self.tile),
                lines: self.lines_of(split),
                join: self.join,
                input,
                // SAFETY: `temp` has room for all results of each split.
                output: if self.splits > 1 { unsafe { temp.add(split * results) } } else { output },
                scratch,
                finish: (self.splits == 1).then(|| form.count()),
            };
            T::part::<F>(self.isa, &part);
        }
    }

    /// The lines of one split, or the elements of it where there is one long row.
    fn lines_of(&self, split: usize) -> Range<usize> {
        let long_row = self.form.rows && self.form.lines == 1;
        share(if long_row { self.form.width } else { self.form.lines }, self.splits, split)
    }
}

/// How the partial results of `splits` parts meet.
fn combine(form: &Form, splits: usize) -> Combine {
    Combine { parts: splits, results: form.results(), count: form.count() }
}
