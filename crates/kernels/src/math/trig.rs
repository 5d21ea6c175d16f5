use super::{ROUND, ROUND64, horner};

/// π/2 in two parts, the first with 33 bits: `q · FIRST` is exact up to 2²⁰ quarter turns.
const FIRST: f64 = 1.570_796_326_734_125_6;
const SECOND: f64 = 6.077_100_506_506_192e-11;

/// sin r for |r| ≤ π/4.
#[inline(always)]
fn sine(r: f32) -> f32 {
    let z = r * r;
    horner(z, [-1.951_529_6e-4, 8.332_161e-3, -1.666_665_5e-1]) * z * r + r
}

/// cos r for |r| ≤ π/4.
#[inline(always)]
fn cosine(r: f32) -> f32 {
    let z = r * r;
    horner(z, [2.443_315_7e-5, -1.388_731_6e-3, 4.166_664_6e-2]) * (z * z) - 0.5 * z + 1.0
}

/// The sine of r + quadrant · π/2.
#[inline(always)]
fn rotate(quadrant: u32, r: f32) -> f32 {
    let y = if quadrant & 1 == 0 { sine(r) } else { cosine(r) };
    if quadrant & 2 == 0 { y } else { -y }
}

/// The nearest quarter turn of `x` radians and what is left of it.
#[inline(always)]
fn reduce(x: f32) -> (u32, f32) {
    let x = f64::from(x);
    let shifted = x * std::f64::consts::FRAC_2_PI + ROUND64;
    let q = shifted - ROUND64;
    let r = ((x - q * FIRST) - q * SECOND) as f32;
    // Far outside the promised range the remainder is noise; keep it an angle of this octant.
    let limit = 0.8;
    let r = if r > limit { limit } else { r };
    let r = if r < -limit { -limit } else { r };
    (shifted.to_bits() as u32, r)
}

/// The sine of `x` radians. At most 2 ulp for |x| ≤ 10⁶; beyond, only |sin x| ≤ 1 is promised.
/// NaN at ±∞.
#[inline(always)]
pub fn sin(x: f32) -> f32 {
    let (q, r) = reduce(x);
    // Keeps the sign of −0 and what is exact anyway.
    if x.abs() < 1e-4 { x * (1.0 - x * x * (1.0 / 6.0)) } else { rotate(q, r) }
}

/// The cosine of `x` radians. At most 2 ulp for |x| ≤ 10⁶; beyond, only |cos x| ≤ 1 is promised.
/// NaN at ±∞.
#[inline(always)]
pub fn cos(x: f32) -> f32 {
    let (q, r) = reduce(x);
    rotate(q.wrapping_add(1), r)
}

/// The tangent of `x` radians, by the polynomial of Cephes (S. L. Moshier). At most 3 ulp for
/// |x| ≤ 10⁶; beyond, nothing is promised. NaN at ±∞.
#[inline(always)]
pub fn tan(x: f32) -> f32 {
    let (q, r) = reduce(x);
    let z = r * r;
    let tail = horner(
        z,
        [9.385_402e-3, 3.119_922_3e-3, 2.443_013_5e-2, 5.341_128e-2, 1.333_879_9e-1, 3.333_315_7e-1],
    );
    let t = tail * z * r + r;
    let y = if q & 1 == 0 { t } else { -1.0 / t };
    // Keeps the sign of −0 and what is exact anyway.
    if x.abs() < 1e-4 { x } else { y }
}

/// The nearest quarter turn of `t` turns, |t| ≤ 2²⁰, and the angle left, exact up to its last
/// multiplication.
#[inline(always)]
fn reduce_turns(t: f32) -> (u32, f32) {
    let shifted = t * 4.0 + ROUND;
    let r = (t - (shifted - ROUND) * 0.25) * std::f32::consts::TAU;
    (shifted.to_bits(), r)
}

/// sin(2πt): no rounding of π in the argument. At most 2 ulp.
#[inline(always)]
pub fn sin_turns(t: f32) -> f32 {
    let (q, r) = reduce_turns(t);
    rotate(q, r)
}

/// cos(2πt): no rounding of π in the argument. At most 2 ulp.
#[inline(always)]
pub fn cos_turns(t: f32) -> f32 {
    let (q, r) = reduce_turns(t);
    rotate(q.wrapping_add(1), r)
}
