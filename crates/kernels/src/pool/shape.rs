use std::fmt;
use std::ops::Range;

use fovea_core::DType;

use crate::routine::PhaseSpec;

/// Bytes of the larger map that make a chunk.
const CHUNK_BYTES: usize = 256 << 10;

/// The sizes of a pooling: input [n, h, w, c], window kh × kw, output [n, oh, ow, c].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PoolShape {
    /// Images.
    pub n: usize,
    /// Rows of the input.
    pub h: usize,
    /// Columns of the input.
    pub w: usize,
    /// Channels.
    pub c: usize,
    /// Rows of the window.
    pub kh: usize,
    /// Columns of the window.
    pub kw: usize,
    /// Rows of the output.
    pub oh: usize,
    /// Columns of the output.
    pub ow: usize,
    /// Steps of the window down and right.
    pub stride: [usize; 2],
    /// Cells left out above and to the left. Those below and to the right follow from the sizes.
    pub pad: [usize; 2],
}

/// The input, the window and the output, then what is not plain.
impl fmt::Display for PoolShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PoolShape { n, h, w, c, kh, kw, oh, ow, stride, pad } = *self;
        write!(f, "[{n}, {h}, {w}, {c}] by [{kh}, {kw}] to [{n}, {oh}, {ow}, {c}]")?;
        for (name, pair, plain) in [("stride", stride, [kh, kw]), ("padding", pad, [0; 2])] {
            if pair != plain {
                write!(f, ", {name} {pair:?}")?;
            }
        }
        Ok(())
    }
}

impl PoolShape {
    /// The element type of window indices: `U8` where they fit, else `I32`.
    pub fn index_dtype(&self) -> DType {
        if self.kh * self.kw <= 256 { DType::U8 } else { DType::I32 }
    }

    /// Whether windows neither overlap nor leave the input.
    pub(super) fn tiles(&self) -> bool {
        self.stride == [self.kh, self.kw]
            && self.pad == [0, 0]
            && self.oh * self.kh <= self.h
            && self.ow * self.kw <= self.w
    }

    /// Whether they are two columns wide besides.
    pub(super) fn pairs(&self) -> bool {
        self.tiles() && self.kw == 2
    }

    /// Elements of the input.
    pub(super) fn input_len(&self) -> usize {
        self.n * self.h * self.w * self.c
    }

    /// Elements of the output.
    pub(super) fn output_len(&self) -> usize {
        self.n * self.oh * self.ow * self.c
    }

    /// The rows of the window at output row `oy` that lie inside the input, and the input row of
    /// the first of them.
    pub(super) fn window_rows(&self, oy: usize) -> (Range<usize>, usize) {
        window(oy * self.stride[0], self.pad[0], self.kh, self.h)
    }

    /// As [`PoolShape::window_rows`], of columns.
    pub(super) fn window_columns(&self, ox: usize) -> (Range<usize>, usize) {
        window(ox * self.stride[1], self.pad[1], self.kw, self.w)
    }

    /// The output rows whose window holds input row `y`.
    pub(super) fn covering_rows(&self, y: usize) -> Range<usize> {
        covering(y + self.pad[0], self.kh, self.stride[0], self.oh)
    }

    /// The output columns whose window holds input column `x`.
    pub(super) fn covering_columns(&self, x: usize) -> Range<usize> {
        covering(x + self.pad[1], self.kw, self.stride[1], self.ow)
    }

    /// Images × `rows`, cut into chunks of neighbours: the phase, and the rows of a chunk.
    pub(super) fn cut(&self, rows: usize, bytes: usize) -> (PhaseSpec, usize) {
        let all = self.n * rows;
        let per_chunk = (CHUNK_BYTES * all / bytes.max(1)).max(1);
        let empty = self.c == 0 || bytes == 0;
        let chunks = if empty { 0 } else { all.div_ceil(per_chunk) };
        (PhaseSpec { chunks, scratch: 0, cost: bytes as f64 * 10.0 }, per_chunk)
    }
}

fn window(start: usize, pad: usize, size: usize, input: usize) -> (Range<usize>, usize) {
    let first = pad.saturating_sub(start).min(size);
    let last = (input + pad).saturating_sub(start).min(size);
    (first..last.max(first), (start + first).saturating_sub(pad))
}

fn covering(at: usize, size: usize, stride: usize, outputs: usize) -> Range<usize> {
    let first = (at + 1).saturating_sub(size).div_ceil(stride);
    let last = (at / stride + 1).min(outputs);
    first..last.max(first)
}
