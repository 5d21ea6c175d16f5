use super::*;

/// erf in double precision: the Taylor series near 0, a continued fraction for the tail.
fn erf64(x: f64) -> f64 {
    let a = x.abs();
    if a < 2.5 {
        let (mut term, mut sum) = (x, x);
        for k in 1..100 {
            term *= -x * x / f64::from(k);
            sum += term / f64::from(2 * k + 1);
        }
        return sum * std::f64::consts::FRAC_2_SQRT_PI;
    }
    let mut f = a;
    for k in (1..=80).rev() {
        f = a + f64::from(k) / 2.0 / f;
    }
    (1.0 - (-a * a).exp() / (f * std::f64::consts::PI.sqrt())).copysign(x)
}

/// The distance of `got` from `want` in units of the last place of a float of `want`'s size.
fn ulps(got: f32, want: f64) -> f64 {
    let near = want as f32;
    if got.is_nan() || want.is_nan() {
        return if got.is_nan() && want.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if near.is_infinite() || got.is_infinite() {
        // A result just past the largest float may round either way.
        let edge = f64::from(f32::MAX) * (1.0 + 2f64.powi(-23));
        return if got == near || (got.abs() == f32::MAX || want.abs() < edge) { 0.0 } else { f64::INFINITY };
    }
    let exponent = want.abs().max(f64::from(f32::MIN_POSITIVE)).log2().floor() as i32;
    (f64::from(got) - want).abs() / 2f64.powi(exponent - 23)
}

/// Floats of every sign and exponent: each 1,009th bit pattern.
fn everything() -> impl Iterator<Item = f32> {
    (0..=u32::MAX).step_by(1009).map(f32::from_bits)
}

/// A dense walk over an interval, where the interesting things happen.
fn dense(low: f32, high: f32) -> impl Iterator<Item = f32> + Clone {
    (0..400_000).map(move |i| low + (high - low) * (i as f32 / 400_000.0))
}

#[track_caller]
fn check(xs: impl Iterator<Item = f32>, f: fn(f32) -> f32, oracle: fn(f64) -> f64, bound: f64) {
    let mut worst = (0.0, 0.0);
    for x in xs {
        let error = ulps(f(x), oracle(f64::from(x)));
        if error > worst.0 {
            worst = (error, x);
        }
    }
    let (error, x) = worst;
    println!("{error:.3} ulp at {x:e}");
    assert!(error <= bound, "{error} ulp at {x:e}: {:e} for {:e}", f(x), oracle(f64::from(x)));
}

#[test]
fn exp_is_within_its_bound() {
    check(everything().chain(dense(-105.0, 90.0)), exp, f64::exp, 1.0);
}

#[test]
fn expm1_is_within_its_bound() {
    check(everything().chain(dense(-3.0, 3.0)), expm1, f64::exp_m1, 2.0);
}

#[test]
fn log_is_within_its_bound() {
    check(everything().chain(dense(0.5, 2.0)), log, f64::ln, 1.0);
}

#[test]
fn log1p_is_within_its_bound() {
    check(everything().chain(dense(-1.0, 2.0)), log1p, f64::ln_1p, 2.0);
}

#[test]
fn tanh_is_within_its_bound() {
    check(everything().chain(dense(-10.0, 10.0)), tanh, f64::tanh, 2.0);
}

#[test]
fn sigmoid_is_within_its_bound() {
    let oracle = |x: f64| if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) };
    check(everything().filter(|x| *x >= 0.0).chain(dense(0.0, 20.0)), sigmoid, oracle, 2.0);
    check(everything().chain(dense(-100.0, 0.0)), sigmoid, oracle, 2.5);
}

#[test]
fn softplus_is_within_its_bound() {
    let oracle = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p() + if x.is_nan() { x } else { 0.0 };
    check(everything().chain(dense(-100.0, 20.0)), softplus, oracle, 2.0);
}

#[test]
fn erf_is_within_its_bound() {
    check(everything().chain(dense(-5.0, 5.0)), erf, erf64, 2.0);
}

#[test]
fn erfinv_undoes_erf() {
    for x in dense(-0.99999, 0.99999) {
        let y = f64::from(erfinv(x));
        // One Newton step in double precision gives the true inverse next to `y`.
        let slope = std::f64::consts::FRAC_2_SQRT_PI * (-y * y).exp();
        let truth = y - (erf64(y) - f64::from(x)) / slope;
        assert!((y - truth).abs() <= 1e-6 * truth.abs() + 1e-30, "{x}: {y} for {truth}");
    }
    assert_eq!(erfinv(1.0), f32::INFINITY);
    assert_eq!(erfinv(-1.0), f32::NEG_INFINITY);
    assert!(erfinv(1.5).is_nan());
}

#[test]
fn sin_and_cos_are_within_their_bounds() {
    let promised = || everything().filter(|x| x.is_nan() || x.abs() <= 1e6).chain(dense(-20.0, 20.0));
    check(promised(), sin, f64::sin, 2.0);
    check(promised(), cos, f64::cos, 2.0);
    for x in everything().filter(|x| x.is_finite()) {
        assert!(sin(x).abs() <= 1.0 && cos(x).abs() <= 1.0, "{x:e}");
    }
    assert!(sin(f32::INFINITY).is_nan() && cos(f32::NEG_INFINITY).is_nan());
}

#[test]
fn tan_is_within_its_bound() {
    let promised = || everything().filter(|x| x.is_nan() || x.abs() <= 1e6).chain(dense(-20.0, 20.0));
    check(promised(), tan, f64::tan, 3.0);
    assert!(tan(f32::INFINITY).is_nan());
}

#[test]
fn angles_are_within_their_bounds() {
    check(everything().chain(dense(-1.0, 1.0)), asin, f64::asin, 2.5);
    check(everything().chain(dense(-1.0, 1.0)), acos, f64::acos, 2.0);
    check(everything().chain(dense(-4.0, 4.0)), atan, f64::atan, 2.0);
    assert_eq!((acos(1.0), asin(1.5).is_nan(), acos(-1.5).is_nan()), (0.0, true, true));
}

#[test]
fn atan2_follows_ieee_and_is_within_its_bound() {
    let odd =
        [0.0, -0.0, 1.0, -1.0, 0.3, -2.5, 1e30, -1e30, 1e-30, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];
    let mut pairs: Vec<(f32, f32)> = odd.iter().flat_map(|&y| odd.iter().map(move |&x| (y, x))).collect();
    pairs.extend(dense(-3.0, 3.0).zip(dense(7.0, -5.0)));
    pairs.extend(everything().zip(dense(-4.0, 4.0).cycle()));
    for (y, x) in pairs {
        let (got, want) = (atan2(y, x), f64::from(y).atan2(f64::from(x)));
        assert!(ulps(got, want) <= 3.0, "atan2({y:e}, {x:e}): {got:e} for {want:e}");
        if want == 0.0 {
            assert_eq!(got.is_sign_negative(), want.is_sign_negative(), "atan2({y:e}, {x:e})");
        }
    }
}

#[test]
fn hyperbolic_functions_are_within_their_bounds() {
    check(everything().chain(dense(-4.0, 4.0)), sinh, f64::sinh, 2.0);
    check(everything().chain(dense(-4.0, 4.0)), cosh, f64::cosh, 2.0);
    let asinh64 = |x: f64| (x.abs() + x * x / (1.0 + (x * x + 1.0).sqrt())).ln_1p().copysign(x);
    check(everything().chain(dense(-4.0, 4.0)), asinh, asinh64, 4.0);
    let acosh64 =
        |x: f64| if x < 1.0 { f64::NAN } else { ((x - 1.0) + ((x - 1.0) * (x + 1.0)).sqrt()).ln_1p() };
    check(everything().chain(dense(1.0, 4.0)), acosh, acosh64, 4.0);
    check(everything().chain(dense(-1.0, 1.0)), atanh, |x| 0.5 * (2.0 * x / (1.0 - x)).ln_1p(), 4.0);
}

#[test]
fn logarithms_of_other_bases_are_within_their_bounds() {
    check(everything().chain(dense(0.5, 2.0)), log2, f64::log2, 1.0);
    check(everything().chain(dense(0.5, 2.0)), log10, f64::log10, 1.0);
    for n in -126..128 {
        assert_eq!(log2(2f32.powi(n)), n as f32);
    }
    for n in 0..11 {
        assert_eq!(log10(10f32.powi(n)), n as f32);
    }
}

/// erfc in double precision: 1 − erf where that loses nothing, the continued fraction for the tail.
fn erfc64(x: f64) -> f64 {
    if x < 1.5 {
        return 1.0 - erf64(x);
    }
    let f = (1..=400).rev().fold(x, |f, k| x + f64::from(k) / 2.0 / f);
    (-x * x).exp() / (f * std::f64::consts::PI.sqrt())
}

#[test]
fn erfc_is_within_its_bound() {
    check(everything().chain(dense(-4.0, 9.2)), erfc, erfc64, 4.0);
}

#[test]
fn the_next_float_is_the_next() {
    for x in everything().filter(|x| x.is_finite()) {
        assert_eq!(next_after(x, f32::INFINITY), x.next_up(), "{x:e}");
        assert_eq!(next_after(x, f32::NEG_INFINITY), x.next_down(), "{x:e}");
        assert_eq!(next_after(x, x), x);
    }
    assert!(next_after(1.0, f32::NAN).is_nan() && next_after(f32::NAN, 1.0).is_nan());
    assert_eq!(next_after(f32::INFINITY, 0.0), f32::MAX);
}

#[test]
fn turns_are_within_their_bounds() {
    // The oracle subtracts whole quarter turns first as well: they are exact, 2π is not.
    fn oracle(t: f64, ahead: usize) -> f64 {
        let q = (t * 4.0).round();
        let r = (t - q / 4.0) * std::f64::consts::TAU;
        [r.sin(), r.cos(), -r.sin(), -r.cos()][(q as usize + ahead) % 4]
    }
    check(dense(0.0, 1.0), sin_turns, |t| oracle(t, 0), 2.0);
    check(dense(0.0, 1.0), cos_turns, |t| oracle(t, 1), 2.0);
}

#[test]
fn pow_follows_ieee_and_is_within_its_bound() {
    let odd = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        2.0,
        -2.0,
        3.0,
        -3.0,
        0.5,
        -0.5,
        1.5,
        -1.5,
        1e30,
        -1e30,
        1e-30,
        -1e-30,
        16_777_215.0,
        16_777_217.0,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        f32::MIN_POSITIVE,
        f32::MAX,
        4_194_305.0,
    ];
    let mut pairs: Vec<(f32, f32)> = odd.iter().flat_map(|&x| odd.iter().map(move |&y| (x, y))).collect();
    pairs.extend(dense(0.0, 10.0).zip(dense(-30.0, 30.0)));
    pairs.extend(everything().zip(dense(-4.0, 4.0).cycle()));
    for (x, y) in pairs {
        let (got, want) = (pow(x, y), f64::from(x).powf(f64::from(y)));
        assert!(ulps(got, want) <= 1.0, "{x:e}^{y:e}: {got:e} for {want:e}");
        if want == 0.0 {
            assert_eq!(got.is_sign_negative(), want.is_sign_negative(), "{x:e}^{y:e}");
        }
    }
}

#[test]
fn zeros_keep_their_sign() {
    for f in [expm1, log1p, tanh, erf, sin, tan, asin, atan, sinh, asinh, atanh] {
        assert!(f(-0.0).is_sign_negative() && f(-0.0) == 0.0);
        assert!(f(0.0).is_sign_positive() && f(0.0) == 0.0);
    }
}
