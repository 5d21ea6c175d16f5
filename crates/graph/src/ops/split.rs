//! Cutting a simple loop over rows into chunks.

use fovea_kernels::routine::PhaseSpec;
use std::ops::Range;

/// Elements that make a chunk worth handing to a thread.
const CHUNK: usize = 1 << 15;

/// The phase of a loop over `rows` rows of `width` elements. How it is cut depends on nothing else.
pub(crate) fn phase(rows: usize, width: usize) -> PhaseSpec {
    let work = rows.saturating_mul(width);
    PhaseSpec { chunks: work.div_ceil(CHUNK).clamp(1, rows.max(1)).min(256), scratch: 0, cost: work as f64 }
}

/// The rows of chunk `chunk`.
pub(crate) fn part(rows: usize, phase: &PhaseSpec, chunk: usize) -> Range<usize> {
    let each = rows.div_ceil(phase.chunks);
    (chunk * each).min(rows)..((chunk + 1) * each).min(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_chunk() {
        for (rows, width) in [(0, 5), (1, 1 << 20), (7, 1 << 14), (300, 1 << 16), (100_000, 3)] {
            let phase = phase(rows, width);
            let all: Vec<usize> = (0..phase.chunks).flat_map(|c| part(rows, &phase, c)).collect();
            assert!(all.into_iter().eq(0..rows));
        }
    }
}
