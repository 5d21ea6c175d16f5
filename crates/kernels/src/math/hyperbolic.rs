use super::exp::half_exp;
use super::{horner, log, log1p};
use std::f32::consts::LN_2;

/// Past this the square of a float leaves no room for adding 1, and may overflow.
const HUGE: f32 = 1e9;

/// The hyperbolic sine. At most 2 ulp.
#[inline(always)]
pub fn sinh(x: f32) -> f32 {
    let a = x.abs();
    let z = x * x;
    let small = horner(z, [2.037_219_1e-4, 8.330_284e-3, 1.666_671_6e-1]) * z * a + a;
    let half = half_exp(a);
    (if a < 1.0 { small } else { half - 0.25 / half }).copysign(x)
}

/// The hyperbolic cosine. At most 2 ulp.
#[inline(always)]
pub fn cosh(x: f32) -> f32 {
    let half = half_exp(x.abs());
    half + 0.25 / half
}

/// The number whose hyperbolic sine is `x`. At most 4 ulp.
#[inline(always)]
pub fn asinh(x: f32) -> f32 {
    let a = x.abs();
    let z = a * a;
    let near = log1p(z / (1.0 + (z + 1.0).sqrt()) + a);
    (if a > HUGE { log(a) + LN_2 } else { near }).copysign(x)
}

/// The number from 0 on whose hyperbolic cosine is `x`. At most 4 ulp; NaN below 1.
#[inline(always)]
pub fn acosh(x: f32) -> f32 {
    let t = x - 1.0;
    let near = log1p((t * (t + 2.0)).sqrt() + t);
    let y = if x > HUGE { log(x) + LN_2 } else { near };
    if x >= 1.0 { y } else { f32::NAN }
}

/// The number whose hyperbolic tangent is `x`. At most 4 ulp; ±∞ at ±1, NaN outside.
#[inline(always)]
pub fn atanh(x: f32) -> f32 {
    let a = x.abs();
    (log1p(2.0 * a / (1.0 - a)) * 0.5).copysign(x)
}
