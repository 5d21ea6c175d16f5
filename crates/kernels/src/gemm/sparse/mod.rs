//! Products that leave the zeros of A out: behind a rectifier or dropout more than half of it may be zeros. How many
//! there are is known only when the product runs, so it is planned twice. A first phase goes over A once and lists,
//! for each row of C and each block of the sum, what is not zero ([`lists`]). If that is two thirds of A or less (three
//! fifths where B is turned), each chunk of the last phase copies a block of a panel of B's columns to the nearest cache,
//! and each row of C, whose sums stay in registers, adds the rows of the block that its list names ([`product`]).
//! Otherwise the phases of the dense product do what they always do ([`routine`]). Which of both depends on A alone.
//!
//! A zero that is left out meets nothing: where B is infinite or NaN, the product would have been NaN.

mod lists;
mod product;
mod routine;

use super::GemmSpec;
use super::form::Form;
use crate::routine::{Floats, Sizes};
pub use routine::Sparse;

/// Columns from which on a list costs next to nothing beside what is multiplied, and rows from which on a block of B
/// is worth copying.
const LEAST_COLUMNS: usize = 512;
const LEAST_ROWS: usize = 32;
/// Steps of the sum from which on sums are not loaded and stored for too few products.
const LEAST_STEPS: usize = 32;
/// Operations from which on another phase is not noticed.
const LEAST_WORK: f64 = 3.2e7;
/// Elements of A up to which lists take little memory beside the rest.
const MOST_LISTED: usize = 1 << 20;

/// Whether zeros of A are looked for in such a product.
pub fn suits(spec: &GemmSpec) -> bool {
    let &GemmSpec { m, n, k, batch, floats, .. } = spec;
    let form = Form::choose(spec);
    // What turns a large B once for many rows of A keeps it, while B stays as it is.
    let kept = form.turned && !form.exchanged;
    batch == 1
        && floats == Floats::F32
        && !kept
        && spec.partials().is_none()
        && (m >= LEAST_ROWS && n >= LEAST_COLUMNS && k >= LEAST_STEPS)
        && m * k <= MOST_LISTED
        && spec.work() >= LEAST_WORK
}
