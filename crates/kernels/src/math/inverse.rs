//! The inverse trigonometric functions. The sine's and the cosine's follow Cephes (S. L. Moshier).

use super::horner;
use std::f32::consts::{FRAC_PI_2, PI};

/// What π/2 is more than its float.
const FRAC_PI_2_LOW: f32 = -4.371_139e-8;

/// (arcsin a − a) / a for a² = z ≤ ¼.
#[inline(always)]
fn arcsin_tail(z: f32) -> f32 {
    horner(z, [4.216_32e-2, 2.418_131e-2, 4.547_002_6e-2, 7.495_300_3e-2, 1.666_675_2e-1]) * z
}

/// The angle whose sine is `x`, from −π/2 to π/2. At most 2.5 ulp; NaN outside [−1, 1].
#[inline(always)]
pub fn asin(x: f32) -> f32 {
    let a = x.abs();
    let near = a <= 0.5;
    // Past ½ by half the angle: arcsin a = π/2 − 2·arcsin √((1 − a) / 2).
    let z = if near { a * a } else { 0.5 * (1.0 - a) };
    let s = if near { a } else { z.sqrt() };
    let y = arcsin_tail(z) * s + s;
    let far = FRAC_PI_2 - (2.0 * y - FRAC_PI_2_LOW);
    (if near { y } else { far }).copysign(x)
}

/// The angle whose cosine is `x`, from 0 to π. At most 2 ulp; NaN outside [−1, 1].
#[inline(always)]
pub fn acos(x: f32) -> f32 {
    let a = x.abs();
    let near = a <= 0.5;
    let z = if near { a * a } else { 0.5 * (1.0 - a) };
    let s = if near { x } else { z.sqrt() };
    let y = arcsin_tail(z) * s + s;
    let middle = FRAC_PI_2 - (y - FRAC_PI_2_LOW);
    let end = if x < 0.0 { PI - (2.0 * y - 2.0 * FRAC_PI_2_LOW) } else { 2.0 * y };
    if near { middle } else { end }
}

/// The angle whose tangent is t for 0 ≤ t ≤ 1.
#[inline(always)]
fn arctan(t: f32) -> f32 {
    let z = t * t;
    let tail = horner(
        z,
        [
            -1.793_593_9e-3,
            1.091_448_1e-2,
            -3.117_761_2e-2,
            5.795_736e-2,
            -8.403_437e-2,
            1.095_218_1e-1,
            -1.426_424_1e-1,
            1.999_854_9e-1,
            -3.333_33e-1,
        ],
    );
    tail * z * t + t
}

/// The angle whose tangent is `x`, from −π/2 to π/2. At most 2 ulp.
#[inline(always)]
pub fn atan(x: f32) -> f32 {
    let a = x.abs();
    let steep = a > 1.0;
    let y = arctan(if steep { 1.0 / a } else { a });
    (if steep { FRAC_PI_2 - (y - FRAC_PI_2_LOW) } else { y }).copysign(x)
}

/// The angle of the point (x, y), from −π to π, with the special cases of IEEE 754 for zeros and
/// infinities. At most 3 ulp.
#[inline(always)]
pub fn atan2(y: f32, x: f32) -> f32 {
    let (a, b) = (y.abs(), x.abs());
    let steep = a > b;
    let (low, high) = if steep { (b, a) } else { (a, b) };
    // Equal sides, infinite ones too, make half a right angle; without sides it is none.
    let ratio = if low == high { 1.0 } else { low / high };
    let angle = arctan(if high == 0.0 { 0.0 } else { ratio });
    let angle = if steep { FRAC_PI_2 - (angle - FRAC_PI_2_LOW) } else { angle };
    let angle = if x.is_sign_negative() { PI - (angle - 2.0 * FRAC_PI_2_LOW) } else { angle };
    if x.is_nan() || y.is_nan() { f32::NAN } else { angle.copysign(y) }
}
