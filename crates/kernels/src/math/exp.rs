use super::{ROUND, exp2i, horner, log1p};

/// ln 2 in two parts; the first has few enough bits that `n · LN2_HI` is exact.
const LN2_HI: f32 = 0.693_359_4;
const LN2_LO: f32 = -2.121_944_4e-4;

/// Splits x = n·ln 2 + r with |r| ≤ ln 2 / 2 and returns (n, r).
#[inline(always)]
fn reduce(x: f32) -> (i32, f32) {
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN2_HI) - n * LN2_LO;
    ((shifted.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32), r)
}

/// (eʳ − 1 − r) / r² for |r| ≤ ln 2 / 2.
#[inline(always)]
fn tail(r: f32) -> f32 {
    horner(r, [1.987_569_1e-4, 1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5])
}

/// Keeps NaN, unlike `f32::clamp` on some paths of LLVM.
#[inline(always)]
fn limit(x: f32, low: f32, high: f32) -> f32 {
    let x = if x > high { high } else { x };
    if x < low { low } else { x }
}

/// eˣ. At most 1 ulp; overflows to infinity, underflows gradually to 0.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let (n, r) = reduce(limit(x, -104.0, 89.0));
    let y = (tail(r) * (r * r) + r) + 1.0;
    let half = n >> 1;
    // Two factors: 2ⁿ itself may lie outside the normal range where the result does not.
    y * exp2i(half) * exp2i(n.wrapping_sub(half))
}

/// ½·eˣ, which stays finite for a little longer than eˣ. At most 1 ulp.
#[inline(always)]
pub(super) fn half_exp(x: f32) -> f32 {
    let (n, r) = reduce(limit(x, -103.0, 90.0));
    let y = (tail(r) * (r * r) + r) + 1.0;
    let n = n.wrapping_sub(1);
    let half = n >> 1;
    y * exp2i(half) * exp2i(n.wrapping_sub(half))
}

/// eˣ − 1, exact to the sign of zero. At most 2 ulp.
#[inline(always)]
pub fn expm1(x: f32) -> f32 {
    let (n, r) = reduce(limit(x, -20.0, 89.0));
    let p = tail(r) * (r * r) + r;
    // Half of 2ⁿ, so that the largest finite results do not overflow on the way.
    let s = exp2i(n.wrapping_sub(1));
    let y = ((p * s) + (s - 0.5)) * 2.0;
    if n == 0 { if x == 0.0 { x } else { p } } else { y }
}

/// The hyperbolic tangent. At most 2 ulp.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let a = x.abs();
    let z = x * x;
    let small = horner(z, [-5.704_988_7e-3, 2.063_908_8e-2, -5.373_971_6e-2, 1.333_144_2e-1, -3.333_328e-1]);
    let large = 1.0 - 2.0 / (exp(a + a) + 1.0);
    let y = if a < 0.625 { small * z * a + a } else { large };
    y.copysign(x)
}

/// 1 / (1 + e⁻ˣ). At most 2 ulp for x ≥ 0 and 2.5 below, where three roundings meet.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let e = exp(-x.abs());
    let top = if x < 0.0 { e } else { 1.0 };
    top / (1.0 + e)
}

/// ln(1 + eˣ), without overflow. At most 2 ulp.
#[inline(always)]
pub fn softplus(x: f32) -> f32 {
    let positive = if x < 0.0 { 0.0 } else { x };
    positive + log1p(exp(-x.abs()))
}
