use super::horner;
use super::pow::log2_64;

/// ln 2 in two parts; the first has few enough bits that `e · LN2_HI` is exact.
const LN2_HI: f32 = 0.693_359_4;
const LN2_LO: f32 = -2.121_944_4e-4;

/// The natural logarithm. At most 1 ulp; −∞ at ±0, NaN below.
#[inline(always)]
pub fn log(x: f32) -> f32 {
    let denormal = x < f32::MIN_POSITIVE;
    let scaled = if denormal { x * 8_388_608.0 } else { x };
    // Exponent and mantissa with the mantissa in [√½, √2): the subtrahend is √½'s bit pattern.
    let bits = scaled.to_bits().wrapping_sub(0x3f35_04f3);
    let e = ((bits as i32) >> 23) as f32 - if denormal { 23.0 } else { 0.0 };
    let m = f32::from_bits((bits & 0x007f_ffff).wrapping_add(0x3f35_04f3));
    let f = m - 1.0;
    let z = f * f;
    let p = horner(
        f,
        [
            7.037_683_6e-2,
            -1.151_461e-1,
            1.167_699_9e-1,
            -1.242_014_1e-1,
            1.424_932_3e-1,
            -1.666_805_8e-1,
            2.000_071_5e-1,
            -2.499_999_4e-1,
            3.333_333e-1,
        ],
    );
    let y = (p * f * z + e * LN2_LO) - 0.5 * z;
    let y = (f + y) + e * LN2_HI;
    let y = if x == f32::INFINITY { x } else { y };
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    if x >= 0.0 { y } else { f32::NAN }
}

/// ln(1 + x), accurate near 0. At most 2 ulp; −∞ at −1, NaN below.
#[inline(always)]
pub fn log1p(x: f32) -> f32 {
    let u = 1.0 + x;
    // What rounding took from 1 + x, carried into the result to first order.
    let lost = (x - (u - 1.0)) / u;
    let y = log(u);
    let finite = u > 0.0 && u < f32::INFINITY;
    let y = if finite { y + lost } else { y };
    if u == 1.0 { x } else { y }
}

/// The logarithm of `x` to some base, of which it has `per_two` for a doubling.
#[inline(always)]
fn log_of_base(x: f32, per_two: f64) -> f32 {
    let y = (log2_64(f64::from(x)) * per_two) as f32;
    let y = if x == f32::INFINITY { x } else { y };
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    if x >= 0.0 { y } else { f32::NAN }
}

/// The logarithm to base 2, exact for powers of 2. At most 1 ulp; −∞ at ±0, NaN below.
#[inline(always)]
pub fn log2(x: f32) -> f32 {
    log_of_base(x, 1.0)
}

/// The logarithm to base 10, exact for powers of 10. At most 1 ulp; −∞ at ±0, NaN below.
#[inline(always)]
pub fn log10(x: f32) -> f32 {
    log_of_base(x, std::f64::consts::LOG10_2)
}
