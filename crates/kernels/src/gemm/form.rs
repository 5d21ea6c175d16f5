//! Which operand feeds the rows of the tiles and which the lanes.

use super::GemmSpec;
use crate::routine::Float;

/// A product as the tiles see it. Scalars of the rows operand may lie anywhere; the lanes operand
/// must have its lanes side by side, or be turned into panels that have.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// The tiles compute Cᵀ = Bᵀ·Aᵀ: B feeds the rows, A the lanes, and results are turned on
    /// their way to memory.
    pub exchanged: bool,
    pub rows: usize,
    pub lanes: usize,
    /// Steps of the sum: pairs if the operands are bf16.
    pub k: usize,
    /// Elements of the sum.
    pub length: usize,
    /// Distance between rows of the rows operand, and between its steps, in words.
    pub row_stride: usize,
    pub row_step: usize,
    /// The rows operand is `[k, rows]`; otherwise it is `[rows, k]`.
    tall: bool,
    /// Steps are pairs of bf16. An operand that does not have them side by side has to be paired.
    pub paired: bool,
    /// The lanes operand is `[lanes, k]` and has to be turned; otherwise it is `[k, lanes]`.
    pub turned: bool,
}

impl Form {
    pub fn choose(spec: &GemmSpec) -> Form {
        let &GemmSpec { m, n, k: length, .. } = spec;
        let paired = spec.floats.inputs == Float::Bf16;
        let k = if paired { length.div_ceil(2) } else { length };
        // Turn the smaller: either B, or A and the result.
        let exchanged = spec.b_transposed && (spec.a_transposed || m * (length + n) < n * length);
        if exchanged {
            let turned = !spec.a_transposed;
            return Form {
                exchanged,
                rows: n,
                lanes: m,
                k,
                length,
                row_stride: k,
                row_step: 1,
                tall: false,
                paired,
                turned,
            };
        }
        let (row_stride, row_step) = if spec.a_transposed { (1, m) } else { (k, 1) };
        let (tall, turned) = (spec.a_transposed, spec.b_transposed);
        Form { exchanged, rows: m, lanes: n, k, length, row_stride, row_step, tall, paired, turned }
    }

    /// Whether the rows operand is `[length, rows]` bf16, and has to be paired into `[k, rows]` words.
    pub fn pairs_rows(&self) -> bool {
        self.paired && self.tall
    }

    /// Words of the paired rows operand.
    pub fn row_words(&self) -> usize {
        if self.pairs_rows() { self.k * self.rows } else { 0 }
    }
}
