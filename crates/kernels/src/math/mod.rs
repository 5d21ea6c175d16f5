//! Elementary functions of one `f32`, written as branch-free polynomials of plain multiplications
//! and additions. libm differs from machine to machine and a fused multiply-add from one
//! instruction set to the next; these give the same bits everywhere, and LLVM vectorises them.
//!
//! Error bounds in units in the last place (ulp) stand at each function and are checked against
//! `f64` over the whole range. Results below the smallest normal number may be flushed to zero
//! when the caller runs with denormals off.

mod erf;
mod exp;
mod hyperbolic;
mod inverse;
mod log;
mod next;
mod pow;
mod trig;

#[cfg(test)]
mod tests;

pub use erf::{erf, erfc, erfinv};
pub use exp::{exp, expm1, sigmoid, softplus, tanh};
pub use hyperbolic::{acosh, asinh, atanh, cosh, sinh};
pub use inverse::{acos, asin, atan, atan2};
pub use log::{log, log1p, log2, log10};
pub use next::next_after;
pub use pow::pow;
pub use trig::{cos, cos_turns, sin, sin_turns, tan};

/// The square root, correctly rounded (a hardware instruction everywhere).
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    x.sqrt()
}

/// Evaluates a polynomial with Horner's rule, highest coefficient first.
#[inline(always)]
fn horner<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut y = coefficients[0];
    for c in &coefficients[1..] {
        y = y * x + c;
    }
    y
}

/// As [`horner`], in double precision.
#[inline(always)]
fn horner64<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    let mut y = coefficients[0];
    for c in &coefficients[1..] {
        y = y * x + c;
    }
    y
}

/// 1.5·2²³: adding it rounds a small float to an integer, which then stands in the low bits.
const ROUND: f32 = 12_582_912.0;
/// 1.5·2⁵², the same for doubles.
const ROUND64: f64 = 6_755_399_441_055_744.0;

/// 2ⁿ for −126 ≤ n ≤ 127; any other `n` gives some float, never a panic.
#[inline(always)]
fn exp2i(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}
