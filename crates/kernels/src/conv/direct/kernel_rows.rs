//! The rows of a convolution kernel's gradient, sorted into runs that sum over the same pixels.

use std::ops::Range;

use crate::conv::ConvShape;
use crate::routine::share;

/// Rows of the kernel (tap and input channel) that meet the same output pixels, one after another
/// in [`KernelRows`].
#[derive(Clone, PartialEq, Debug)]
pub struct RowRun {
    pub start: usize,
    pub len: usize,
    /// The output rows and columns whose taps lie inside the input.
    pub rows: Range<usize>,
    pub columns: Range<usize>,
}

/// Where each row of the kernel reads its input and writes its result.
#[derive(Clone, Debug, Default)]
pub struct KernelRows {
    /// Offset in the input for the run's first output pixel.
    pub source: Vec<usize>,
    /// Offset in the kernel.
    pub result: Vec<usize>,
    pub runs: Vec<RowRun>,
}

impl KernelRows {
    pub fn new(shape: &ConvShape) -> KernelRows {
        let depth = shape.c / shape.groups;
        let mut all = Vec::new();
        for tap_row in 0..shape.kh {
            let rows = seen(shape, 0, tap_row);
            for tap_column in 0..shape.kw {
                let columns = seen(shape, 1, tap_column);
                let at = |axis: usize, output: usize, tap: usize| {
                    let at = output * shape.stride[axis] + tap * shape.dilation[axis];
                    at.saturating_sub(shape.pad[axis])
                };
                let pixel = at(0, rows.start, tap_row) * shape.w + at(1, columns.start, tap_column);
                for channel in 0..depth {
                    let row = (tap_row * shape.kw + tap_column) * depth + channel;
                    let key = (rows.start, rows.end, columns.start, columns.end);
                    all.push((key, pixel * shape.c + channel, row * shape.co));
                }
            }
        }
        all.sort_by_key(|&(key, ..)| key);
        let mut sorted = KernelRows::default();
        for ((top, bottom, left, right), source, result) in all {
            let (rows, columns) = (top..bottom, left..right);
            match sorted.runs.last_mut() {
                Some(run) if run.rows == rows && run.columns == columns => run.len += 1,
                _ => {
                    let start = sorted.source.len();
                    sorted.runs.push(RowRun { start, len: 1, rows, columns });
                }
            }
            sorted.source.push(source);
            sorted.result.push(result);
        }
        sorted
    }

    /// The runs, or parts of runs, that belong to part `index` of `parts`.
    pub fn part(&self, parts: usize, index: usize) -> impl Iterator<Item = RowRun> {
        let owned = share(self.source.len(), parts, index);
        let cut = move |run: &RowRun| {
            let start = run.start.max(owned.start);
            let end = (run.start + run.len).min(owned.end);
            (start < end).then(|| RowRun { start, len: end - start, ..run.clone() })
        };
        self.runs.iter().filter_map(cut)
    }
}

/// The outputs whose tap lies inside the input, along one axis.
fn seen(shape: &ConvShape, axis: usize, tap: usize) -> Range<usize> {
    let (input, output) = [(shape.h, shape.oh), (shape.w, shape.ow)][axis];
    let (stride, pad) = (shape.stride[axis], shape.pad[axis]);
    let offset = tap * shape.dilation[axis];
    let first = pad.saturating_sub(offset).div_ceil(stride);
    let end = (input + pad).saturating_sub(offset).div_ceil(stride).min(output);
    if first < end { first..end } else { 0..0 }
}
