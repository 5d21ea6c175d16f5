//! Which operand feeds the rows of the tiles and which the lanes.

use super::GemmSpec;

/// A product as the tiles see it. Scalars of the rows operand may lie anywhere; the lanes operand
/// must have its lanes side by side, or be turned into panels that have.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// The tiles compute Cᵀ = Bᵀ·Aᵀ: B feeds the rows, A the lanes, and results are turned on
    /// their way to memory.
    pub exchanged: bool,
    pub rows: usize,
    pub lanes: usize,
    pub k: usize,
    /// Distance between rows of the rows operand, and between its steps.
    pub row_stride: usize,
    pub row_step: usize,
    /// The lanes operand is `[lanes, k]` and has to be turned; otherwise it is `[k, lanes]`.
    pub turned: bool,
}

impl Form {
    pub fn choose(spec: &GemmSpec) -> Form {
        let &GemmSpec { m, n, k, .. } = spec;
        // Turn the smaller: either B, or A and the result.
        let exchanged = spec.b_transposed && (spec.a_transposed || m * (k + n) < n * k);
        if exchanged {
            let turned = !spec.a_transposed;
            return Form { exchanged, rows: n, lanes: m, k, row_stride: k, row_step: 1, turned };
        }
        let (row_stride, row_step) = if spec.a_transposed { (1, m) } else { (k, 1) };
        Form { exchanged, rows: m, lanes: n, k, row_stride, row_step, turned: spec.b_transposed }
    }
}
