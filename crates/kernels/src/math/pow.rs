use super::{ROUND64, horner64};

/// log₂ x for a positive, finite double (relative error below 2⁻⁴⁰).
#[inline(always)]
pub(super) fn log2_64(x: f64) -> f64 {
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    let bits = x.to_bits().wrapping_sub(SQRT_HALF);
    // The exponent as a double by the magic number, since few machines convert 64-bit integers.
    let e = f64::from_bits(((bits as i64) >> 52).wrapping_add(ROUND64.to_bits() as i64) as u64) - ROUND64;
    let m = f64::from_bits((bits & ((1 << 52) - 1)).wrapping_add(SQRT_HALF));
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let series = horner64(
        z,
        [1.0 / 17.0, 1.0 / 15.0, 1.0 / 13.0, 1.0 / 11.0, 1.0 / 9.0, 1.0 / 7.0, 1.0 / 5.0, 1.0 / 3.0, 1.0],
    );
    e + series * s * (2.0 * std::f64::consts::LOG2_E)
}

/// 2ˣ for |x| ≤ 1000.
#[inline(always)]
fn exp2_64(x: f64) -> f64 {
    let shifted = x + ROUND64;
    let r = (x - (shifted - ROUND64)) * std::f64::consts::LN_2;
    let scale = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    let series = horner64(
        r,
        [
            1.0 / 3_628_800.0,
            1.0 / 362_880.0,
            1.0 / 40_320.0,
            1.0 / 5_040.0,
            1.0 / 720.0,
            1.0 / 120.0,
            1.0 / 24.0,
            1.0 / 6.0,
            0.5,
            1.0,
            1.0,
        ],
    );
    series * scale
}

/// xʸ with the special cases of IEEE 754 `pow`: 1 for y = 0 or x = 1, NaN for a negative base
/// with a fractional exponent, signed zeros and infinities for odd integers. At most 1 ulp.
#[inline(always)]
pub fn pow(x: f32, y: f32) -> f32 {
    let base = f64::from(x.abs());
    let exponent = f64::from(y);
    let scaled = exponent * log2_64(base);
    let scaled = if scaled > 1000.0 { 1000.0 } else { scaled };
    let scaled = if scaled < -1000.0 { -1000.0 } else { scaled };
    let finite = exp2_64(scaled) as f32;
    // Floats from 2²⁴ on are even integers; below, rounding to a multiple of 1 or 2 tells.
    let magnitude = f64::from(y.abs());
    let magnitude = if magnitude > 33_554_432.0 { 33_554_432.0 } else { magnitude };
    let integer = (magnitude + ROUND64) - ROUND64 == magnitude;
    let half = magnitude * 0.5;
    let odd = integer && (half + ROUND64) - ROUND64 != half;

    let shrinks = (x.abs() < 1.0) == (y > 0.0);
    let extreme = if shrinks { 0.0 } else { f32::INFINITY };
    let at_limit = x == 0.0 || x.abs() == f32::INFINITY || y.abs() == f32::INFINITY;
    let size = if at_limit { extreme } else { finite };
    let size = if x == -1.0 && y.abs() == f32::INFINITY { 1.0 } else { size };
    let negative = x.is_sign_negative();
    let signed = if negative && odd { -size } else { size };
    let fractional = x < 0.0 && x != f32::NEG_INFINITY && !integer;
    let signed = if fractional { f32::NAN } else { signed };
    let signed = if x.is_nan() || y.is_nan() { f32::NAN } else { signed };
    if y == 0.0 || x == 1.0 { 1.0 } else { signed }
}
