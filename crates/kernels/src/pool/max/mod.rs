mod row;

use self::row::Row;
use super::shape::PoolShape;
use crate::isa::Isa;
use crate::multiversion::multiversioned;
use crate::routine::PhaseSpec;
use fovea_core::DType;

/// The index of a cell in its window, row by row: u8 where it fits, else i32.
trait Index: Copy {
    fn new(cell: u32) -> Self;
    fn cell(self) -> u32;
}

impl Index for u8 {
    #[inline(always)]
    fn new(cell: u32) -> u8 {
        cell as u8
    }
    #[inline(always)]
    fn cell(self) -> u32 {
        self as u32
    }
}

impl Index for i32 {
    #[inline(always)]
    fn new(cell: u32) -> i32 {
        cell as i32
    }
    #[inline(always)]
    fn cell(self) -> u32 {
        self as u32
    }
}

/// The greatest cell of each window and its index in the window, ky · kw + kx: the first of
/// equals; the first NaN if there is one. Cells outside the input never win; a window wholly
/// outside gives −∞ and index 0.
#[derive(Debug)]
pub struct MaxPool {
    isa: Isa,
    shape: PoolShape,
    rows_per_chunk: usize,
    /// Its one phase.
    pub phase: PhaseSpec,
}

impl MaxPool {
    /// Plans a pooling; indices are of [`PoolShape::index_dtype`].
    pub fn new(isa: Isa, shape: PoolShape) -> MaxPool {
        let bytes = shape.input_len() * 4 + shape.output_len() * 5;
        let (phase, rows_per_chunk) = shape.cut(shape.oh, bytes);
        MaxPool { isa, shape, rows_per_chunk, phase }
    }

    /// How windows are gone through.
    pub fn how(&self) -> &'static str {
        if self.in_registers() {
            "maxima in registers, cell by cell in rows with NaN"
        } else {
            "cell by cell"
        }
    }

    fn in_registers(&self) -> bool {
        self.shape.index_dtype() == DType::U8
    }

    /// Runs one chunk: a few output rows.
    ///
    /// # Safety
    /// `input` holds [n, h, w, c] floats; `value` and `index` have room for [n, oh, ow, c] floats
    /// and indices; all are aligned to their elements and apart.
    pub unsafe fn run(&self, chunk: usize, input: *const f32, value: *mut f32, index: *mut u8) {
        let first = chunk * self.rows_per_chunk;
        for row in first..(self.shape.n * self.shape.oh).min(first + self.rows_per_chunk) {
            if !self.in_registers() {
                forward::<i32>(self.isa, &self.shape, row, input, value, index.cast());
                continue;
            }
            let mut numbers = true;
            let all = Row { shape: &self.shape, row, input, value, index, numbers: &mut numbers };
            // SAFETY: the caller's promise.
            unsafe { self.isa.enter(all) };
            if !numbers {
                forward::<u8>(self.isa, &self.shape, row, input, value, index);
            }
        }
    }
}

multiversioned! {
    /// One row of windows, cell by cell.
    fn forward<I: Index>(s: &PoolShape, row: usize, input: *const f32, value: *mut f32, index: *mut I) {
        let (image, oy) = (row / s.oh, row % s.oh);
        let (ky, y) = s.window_rows(oy);
        let (n, c) = (s.ow * s.c, s.c);
        // SAFETY: the caller of `run` promises the buffers of the shape.
        unsafe {
            let value = std::slice::from_raw_parts_mut(value.add(row * n), n);
            let index = std::slice::from_raw_parts_mut(index.add(row * n), n);
            let line = |y: usize| std::slice::from_raw_parts(input.add((image * s.h + y) * s.w * c), s.w * c);
            for (ox, (value, index)) in
                value.chunks_exact_mut(c).zip(index.chunks_exact_mut(c)).enumerate()
            {
                let (kx, x) = s.window_columns(ox);
                value.fill(f32::NEG_INFINITY);
                index.fill(I::new((ky.start * s.kw + kx.start) as u32));
                for (i, ky) in ky.clone().enumerate() {
                    for (cell, kx) in line(y + i)[x * c..].chunks_exact(c).zip(kx.clone()) {
                        let here = I::new((ky * s.kw + kx) as u32);
                        for ((v, k), &x) in value.iter_mut().zip(index.iter_mut()).zip(cell) {
                            let wins = x > *v || (x.is_nan() && !v.is_nan());
                            *v = if wins { x } else { *v };
                            *k = if wins { here } else { *k };
                        }
                    }
                }
            }
        }
    }
}

/// The gradient of [`MaxPool`] with respect to its input, from the gradient of its values and its
/// indices alone. Where windows overlap, their gradients add, in the order of the windows.
#[derive(Debug)]
pub struct MaxPoolGrad {
    isa: Isa,
    shape: PoolShape,
    rows_per_chunk: usize,
    /// Its one phase.
    pub phase: PhaseSpec,
}

impl MaxPoolGrad {
    /// Plans the gradient of a pooling.
    pub fn new(isa: Isa, shape: PoolShape) -> MaxPoolGrad {
        let bytes = shape.input_len() * 4 + shape.output_len() * 5;
        let (phase, rows) = shape.cut(shape.h, bytes);
        // Whole windows of rows, where they do not overlap.
        let rows_per_chunk = if shape.tiles() { rows.next_multiple_of(shape.kh) } else { rows };
        let chunks = if phase.chunks == 0 { 0 } else { (shape.n * shape.h).div_ceil(rows_per_chunk) };
        MaxPoolGrad { isa, shape, rows_per_chunk, phase: PhaseSpec { chunks, ..phase } }
    }

    /// How windows are gone through.
    pub fn how(&self) -> &'static str {
        if self.shape.pairs() { "two columns at a time" } else { "cell by cell" }
    }

    /// Runs one chunk: a few input rows.
    ///
    /// # Safety
    /// `g` and `index` hold [n, oh, ow, c] floats and indices, `dx` has room for [n, h, w, c]
    /// floats; all are aligned to their elements and apart.
    pub unsafe fn run(&self, chunk: usize, g: *const f32, index: *const u8, dx: *mut f32) {
        let first = chunk * self.rows_per_chunk;
        for row in first..(self.shape.n * self.shape.h).min(first + self.rows_per_chunk) {
            if self.shape.index_dtype() == DType::U8 {
                backward::<u8>(self.isa, &self.shape, row, g, index, dx);
            } else {
                backward::<i32>(self.isa, &self.shape, row, g, index.cast(), dx);
            }
        }
    }
}

multiversioned! {
    fn backward<I: Index>(s: &PoolShape, row: usize, g: *const f32, index: *const I, dx: *mut f32) {
        let (image, y) = (row / s.h, row % s.h);
        let (n, c) = (s.ow * s.c, s.c);
        // SAFETY: the caller of `run` promises the buffers of the shape.
        unsafe {
            let dx = std::slice::from_raw_parts_mut(dx.add(row * s.w * c), s.w * c);
            let line = |oy: usize| {
                let at = (image * s.oh + oy) * n;
                (std::slice::from_raw_parts(g.add(at), n), std::slice::from_raw_parts(index.add(at), n))
            };
            let covering = s.covering_rows(y);
            if s.pairs() {
                if covering.is_empty() {
                    dx.fill(0.0);
                } else {
                    let (g, index) = line(covering.start);
                    let cell = (y - covering.start * s.kh) as u32 * 2;
                    pairs(c, g, index, cell, dx);
                }
                return;
            }
            for (x, dx) in dx.chunks_exact_mut(c).enumerate() {
                dx.fill(0.0);
                let columns = s.covering_columns(x);
                for oy in covering.clone() {
                    let (g, index) = line(oy);
                    let ky = y + s.pad[0] - oy * s.stride[0];
                    for ox in columns.clone() {
                        let here = (ky * s.kw + x + s.pad[1] - ox * s.stride[1]) as u32;
                        let (g, index) = (&g[ox * c..][..c], &index[ox * c..][..c]);
                        for ((d, &g), k) in dx.iter_mut().zip(g).zip(index) {
                            *d += if k.cell() == here { g } else { 0.0 };
                        }
                    }
                }
            }
        }
    }
}

/// One input row under windows two columns wide that lie side by side; `left` is the index of the
/// left cell of a window in this row.
#[inline(always)]
fn pairs<I: Index>(c: usize, g: &[f32], index: &[I], left: u32, dx: &mut [f32]) {
    let covered = g.len() * 2;
    for ((g, index), dx) in
        g.chunks_exact(c).zip(index.chunks_exact(c)).zip(dx[..covered].chunks_exact_mut(2 * c))
    {
        let (to_left, to_right) = dx.split_at_mut(c);
        for i in 0..c {
            to_left[i] = if index[i].cell() == left { g[i] } else { 0.0 };
            to_right[i] = if index[i].cell() == left + 1 { g[i] } else { 0.0 };
        }
    }
    dx[covered..].fill(0.0);
}
