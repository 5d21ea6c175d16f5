//! Convolutions with stride 1 and a kernel of 3 × 3 or 5 × 5 taps, or of 3 or 7 in a row or column, by Winograd's
//! algorithm: a tile of the output costs 16 products for 36, or 36 for 144 or for 100, of a line of seven taps 10 for 28,
//! at the price of transforms before and after.
//!
//! Rounding errors are those of the transformed domain: at most a few ε times what the transforms
//! make of |x| and |w|, a bound that `tests/winograd.rs` states and tests.

mod correlate;
mod cut;
mod kernel_grad;
mod points;
mod tiling;
mod transform;

pub use correlate::Correlation;
pub use cut::Cut;
pub use kernel_grad::KernelGrad;
pub use tiling::{Axis, Form, LineForm};
