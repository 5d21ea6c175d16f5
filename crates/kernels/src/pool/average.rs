use super::shape::PoolShape;
use crate::isa::Isa;
use crate::multiversion::multiversioned;
use crate::routine::PhaseSpec;

/// The mean of the cells of each window that lie inside the input; 0 if none does.
#[derive(Debug)]
pub struct AvgPool {
    isa: Isa,
    shape: PoolShape,
    rows_per_chunk: usize,
    /// Its one phase.
    pub phase: PhaseSpec,
}

impl AvgPool {
    /// Plans a pooling.
    pub fn new(isa: Isa, shape: PoolShape) -> AvgPool {
        let bytes = (shape.input_len() + shape.output_len()) * 4;
        let (phase, rows_per_chunk) = shape.cut(shape.oh, bytes);
        AvgPool { isa, shape, rows_per_chunk, phase }
    }

    /// Runs one chunk: a few output rows.
    ///
    /// # Safety
    /// `input` holds [n, h, w, c] floats, `output` has room for [n, oh, ow, c]; both are aligned
    /// and apart.
    pub unsafe fn run(&self, chunk: usize, input: *const f32, output: *mut f32) {
        let first = chunk * self.rows_per_chunk;
        for row in first..(self.shape.n * self.shape.oh).min(first + self.rows_per_chunk) {
            forward(self.isa, &self.shape, row, input, output);
        }
    }
}

multiversioned! {
    fn forward(s: &PoolShape, row: usize, input: *const f32, output: *mut f32) {
        let (image, oy) = (row / s.oh, row % s.oh);
        let (ky, y) = s.window_rows(oy);
        let (n, c) = (s.ow * s.c, s.c);
        // SAFETY: the caller of `run` promises the buffers of the shape.
        unsafe {
            let output = std::slice::from_raw_parts_mut(output.add(row * n), n);
            for (ox, out) in output.chunks_exact_mut(c).enumerate() {
                out.fill(0.0);
                let (kx, x) = s.window_columns(ox);
                for i in 0..ky.len() {
                    let cells = input.add(((image * s.h + y + i) * s.w + x) * c);
                    let cells = std::slice::from_raw_parts(cells, kx.len() * c);
                    for cell in cells.chunks_exact(c) {
                        for (o, &v) in out.iter_mut().zip(cell) {
                            *o += v;
                        }
                    }
                }
                let count = (ky.len() * kx.len()).max(1) as f32;
                for o in out {
                    *o /= count;
                }
            }
        }
    }
}

/// The gradient of [`AvgPool`] with respect to its input. Where windows overlap, their gradients
/// add, in the order of the windows.
#[derive(Debug)]
pub struct AvgPoolGrad {
    isa: Isa,
    shape: PoolShape,
    rows_per_chunk: usize,
    /// Its one phase.
    pub phase: PhaseSpec,
}

impl AvgPoolGrad {
    /// Plans the gradient of a pooling.
    pub fn new(isa: Isa, shape: PoolShape) -> AvgPoolGrad {
        let bytes = (shape.input_len() + shape.output_len()) * 4;
        let (phase, rows_per_chunk) = shape.cut(shape.h, bytes);
        AvgPoolGrad { isa, shape, rows_per_chunk, phase }
    }

    /// Runs one chunk: a few input rows.
    ///
    /// # Safety
    /// `g` holds [n, oh, ow, c] floats, `dx` has room for [n, h, w, c]; both are aligned and
    /// apart.
    pub unsafe fn run(&self, chunk: usize, g: *const f32, dx: *mut f32) {
        let first = chunk * self.rows_per_chunk;
        for row in first..(self.shape.n * self.shape.h).min(first + self.rows_per_chunk) {
            backward(self.isa, &self.shape, row, g, dx);
        }
    }
}

multiversioned! {
    fn backward(s: &PoolShape, row: usize, g: *const f32, dx: *mut f32) {
        let (image, y) = (row / s.h, row % s.h);
        let (n, c) = (s.ow * s.c, s.c);
        // SAFETY: the caller of `run` promises the buffers of the shape.
        unsafe {
            let dx = std::slice::from_raw_parts_mut(dx.add(row * s.w * c), s.w * c);
            for (x, dx) in dx.chunks_exact_mut(c).enumerate() {
                dx.fill(0.0);
                for oy in s.covering_rows(y) {
                    let rows = s.window_rows(oy).0.len();
                    for ox in s.covering_columns(x) {
                        let share = 1.0 / (rows * s.window_columns(ox).0.len()) as f32;
                        let g = g.add((image * s.oh + oy) * n + ox * c);
                        for (d, &g) in dx.iter_mut().zip(std::slice::from_raw_parts(g, c)) {
                            *d += g * share;
                        }
                    }
                }
            }
        }
    }
}
