//! Functions that the table is held against and that `f64` does not have.

/// The error function to a few units in the last place, by its series of positive terms:
/// erf x = 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!! (Abramowitz and Stegun 7.1.6).
pub(crate) fn erf(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    // 1 − erf 6 is 2e−17, below half a unit in the last place of 1.
    if x.abs() >= 6.0 {
        return x.signum();
    }
    let (mut term, mut sum) = (x, x);
    for n in 1.. {
        term *= 2.0 * x * x / f64::from(2 * n + 1);
        let next = sum + term;
        if next == sum {
            break;
        }
        sum = next;
    }
    std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum
}

/// 1 − erf x: past 2, where that loses digits, by the continued fraction of Laplace.
pub(crate) fn erfc(x: f64) -> f64 {
    if x.is_nan() || x < 2.0 {
        return 1.0 - erf(x);
    }
    let fraction = (1..=200).rev().fold(x, |f, k| x + f64::from(k) / 2.0 / f);
    (-x * x).exp() / fraction * std::f64::consts::FRAC_2_SQRT_PI / 2.0
}

/// The inverse of erf, by Newton's method: from 0 it comes ever nearer, since erf bends one way.
pub(crate) fn erfinv(x: f64) -> f64 {
    if x.abs() >= 1.0 {
        return if x.abs() == 1.0 { f64::INFINITY.copysign(x) } else { f64::NAN };
    }
    (0..100).fold(0.0, |y, _| y - (erf(y) - x) / std::f64::consts::FRAC_2_SQRT_PI * f64::exp(y * y))
}

/// The greatest whole number that divides both.
pub(crate) fn gcd(a: f64, b: f64) -> f64 {
    let most = a.abs().max(b.abs()) as u64;
    let divides = |n: f64| a % n == 0.0 && b % n == 0.0;
    (1..=most).rev().map(|n| n as f64).find(|&n| divides(n)).unwrap_or(0.0)
}

/// The next float32 after a in the direction of b.
pub(crate) fn next_after(a: f64, b: f64) -> f64 {
    let (x, y) = (a as f32, b as f32);
    f64::from(match x.partial_cmp(&y) {
        Some(std::cmp::Ordering::Less) => x.next_up(),
        Some(std::cmp::Ordering::Greater) => x.next_down(),
        Some(std::cmp::Ordering::Equal) => y,
        None => f32::NAN,
    })
}

/// Values of Abramowitz and Stegun, table 7.1, to its ten digits.
#[test]
fn erf_is_the_tabulated_one() {
    for (x, y) in [
        (0.1, 0.112_462_916_0),
        (0.5, 0.520_499_877_8),
        (1.0, 0.842_700_792_9),
        (1.5, 0.966_105_146_5),
        (2.0, 0.995_322_265_0),
    ] {
        assert!((erf(x) - y).abs() < 1e-10, "erf({x}) = {}", erf(x));
        assert_eq!(erf(-x), -erf(x));
    }
    assert_eq!(erf(0.0), 0.0);
    assert_eq!(erf(7.0), 1.0);
}

#[test]
fn its_complement_and_inverse_belong_to_it() {
    // erfc 3 of the same table's continuation (7.3), and both sides of where the method changes.
    assert!((erfc(3.0) - 2.209_049_699_858_544e-5).abs() < 1e-17, "{}", erfc(3.0));
    assert!((erfc(2.0) - (1.0 - erf(2.0))).abs() < 1e-15);
    for x in [-0.99, -0.3, 0.0, 1e-6, 0.5, 0.9] {
        assert!((erf(erfinv(x)) - x).abs() < 1e-15, "{x}");
    }
}
