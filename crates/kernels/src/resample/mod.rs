//! Images of another size: every result is a weighted sum of a few elements along each of two axes.

mod taps;

pub use taps::{Filter, Taps};

use crate::isa::Isa;
use crate::multiversion::multiversioned;
use crate::routine::PhaseSpec;

/// Floating-point operations that make a chunk.
const CHUNK_FLOPS: usize = 1 << 18;

/// From images `[n, h, w, c]` images `[n, h', w', c]`, by taps along the height and the width.
#[derive(Debug)]
pub struct Resample {
    isa: Isa,
    n: usize,
    from: [usize; 2],
    channels: usize,
    rows: Taps,
    columns: Taps,
    rows_per_chunk: usize,
    /// Its one phase.
    pub phase: PhaseSpec,
}

impl Resample {
    /// Plans it for images `[n, h, w, c]`; `rows` make lines of the height, `columns` of the width.
    pub fn new(isa: Isa, shape: [usize; 4], rows: Taps, columns: Taps) -> Resample {
        let [n, h, w, channels] = shape;
        let taps = |taps: &Taps| (0..taps.len()).map(|i| taps.of(i).len()).sum::<usize>();
        let flops = (taps(&rows) * w + rows.len() * taps(&columns)) * channels * 2;
        let per_row = flops / rows.len().max(1);
        let rows_per_chunk = (CHUNK_FLOPS / per_row.max(1)).max(1);
        let items = if columns.is_empty() || channels == 0 { 0 } else { n * rows.len() };
        let phase = PhaseSpec {
            chunks: items.div_ceil(rows_per_chunk),
            scratch: w * channels * 4,
            cost: (n * flops) as f64,
        };
        Resample { isa, n, from: [h, w], channels, rows, columns, rows_per_chunk, phase }
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// `input` and `output` are valid for the images, aligned, and apart; `scratch` has the stated
    /// size and is 64-byte aligned.
    pub unsafe fn run(&self, chunk: usize, input: *const f32, output: *mut f32, scratch: *mut u8) {
        let [h, w] = self.from;
        let (line, wide) = (w * self.channels, self.columns.len() * self.channels);
        let first = chunk * self.rows_per_chunk;
        for item in first..(self.n * self.rows.len()).min(first + self.rows_per_chunk) {
            let (image, row) = (item / self.rows.len(), item % self.rows.len());
            // SAFETY: the lines lie inside the operands and the scratch, as the caller promises.
            unsafe {
                let sum = std::slice::from_raw_parts_mut(scratch.cast::<f32>(), line);
                sum.fill(0.0);
                for &(from, weight) in self.rows.of(row) {
                    let from = std::slice::from_raw_parts(input.add((image * h + from) * line), line);
                    add_scaled(self.isa, sum, from, weight);
                }
                let to = std::slice::from_raw_parts_mut(output.add(item * wide), wide);
                columns(self.isa, &self.columns, self.channels, sum, to);
            }
        }
    }
}

multiversioned! {
    fn add_scaled(to: &mut [f32], from: &[f32], weight: f32) {
        for (t, &x) in to.iter_mut().zip(from) {
            *t += x * weight;
        }
    }
}

multiversioned! {
    fn columns(taps: &Taps, channels: usize, from: &[f32], to: &mut [f32]) {
        for (i, to) in to.chunks_exact_mut(channels).enumerate() {
            to.fill(0.0);
            for &(at, weight) in taps.of(i) {
                for (t, &x) in to.iter_mut().zip(&from[at * channels..][..channels]) {
                    *t += x * weight;
                }
            }
        }
    }
}
