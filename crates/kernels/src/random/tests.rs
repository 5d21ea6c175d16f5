use fovea_core::rng;

use super::*;
use crate::harness::{Guarded, drive, isas};
use crate::isa::Isa;

const KEY: [u32; 2] = [0x1234_5678, 0x9abc_def0];

fn words(isa: Isa, draw: Draw, n: usize, key: [u32; 2]) -> Vec<u32> {
    let plan = Random::new(isa, draw, n);
    let mut out = Guarded::<u32>::new(n);
    let to = out.ptr();
    drive(&[plan.phase], 0, 7, |_, chunk, _, _| {
        // SAFETY: the buffer was made for this plan.
        unsafe { plan.run(chunk, key.as_ptr(), to) }
    });
    out.get()
}

fn floats(isa: Isa, draw: Draw, n: usize) -> Vec<f32> {
    words(isa, draw, n, KEY).into_iter().map(f32::from_bits).collect()
}

#[test]
fn every_element_is_its_word() {
    for isa in isas() {
        for n in [0, 1, 2, 3, 4, 63, 64, 65, 1023, 1025, 70_003] {
            let got = words(isa, Draw::Words, n, KEY);
            let uniform = floats(isa, Draw::Uniform, n);
            let half = floats(isa, Draw::Bernoulli { p: 0.3, on: 2.5 }, n);
            for i in 0..n {
                let word = rng::block(KEY, i as u64 / 4)[i % 4];
                assert_eq!(got[i], word, "{isa:?} {n} at {i}");
                assert_eq!(uniform[i], rng::unit(word));
                assert_eq!(half[i], if f64::from(word) < 0.3 * 4_294_967_296.0 { 2.5 } else { 0.0 });
            }
        }
    }
}

#[test]
fn certain_and_impossible_events() {
    for isa in isas() {
        assert!(floats(isa, Draw::Bernoulli { p: 1.0, on: 3.0 }, 5000).iter().all(|&x| x == 3.0));
        assert!(floats(isa, Draw::Bernoulli { p: 0.0, on: 3.0 }, 5000).iter().all(|&x| x == 0.0));
    }
}

/// Mean, variance, skewness and kurtosis.
fn moments(x: &[f32]) -> [f64; 4] {
    let n = x.len() as f64;
    let mean = x.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let central = |p: i32| x.iter().map(|&v| (f64::from(v) - mean).powi(p)).sum::<f64>() / n;
    let variance = central(2);
    [mean, variance, central(3) / variance.powf(1.5), central(4) / variance.powi(2)]
}

#[test]
fn normal_elements_follow_box_and_muller_and_have_normal_moments() {
    for isa in isas() {
        let x = floats(isa, Draw::Normal, 1_000_001);
        for (i, &got) in x.iter().enumerate() {
            let block = rng::block(KEY, i as u64 / 4);
            let (w0, w1) = (block[i % 4 / 2 * 2], block[i % 4 / 2 * 2 + 1]);
            let u = (f64::from(w0 >> 8) + 1.0) / 16_777_216.0;
            let angle = std::f64::consts::TAU * f64::from(w1 >> 8) / 16_777_216.0;
            let turned = if i % 2 == 0 { angle.cos() } else { angle.sin() };
            let want = (-2.0 * u.ln()).sqrt() * turned;
            assert!((f64::from(got) - want).abs() < 2e-6, "{isa:?} at {i}: {got} for {want}");
        }
        let [mean, variance, skewness, kurtosis] = moments(&x);
        // Five standard errors of each for a million draws.
        assert!(mean.abs() < 0.005 && (variance - 1.0).abs() < 0.0071);
        assert!(skewness.abs() < 0.0123 && (kurtosis - 3.0).abs() < 0.0245);
    }
}

#[test]
fn truncated_normal_elements_stay_inside_and_have_the_right_moments() {
    // Closed forms for ±2σ: variance 1 − 2·2φ(2)/erf √2 and its fourth moment.
    let phi = (-2f64).exp() / std::f64::consts::TAU.sqrt();
    let mass = 0.954_499_736_103_641_6;
    let variance = 1.0 - 4.0 * phi / mass;
    let fourth = 3.0 * variance - 16.0 * phi / mass;
    for isa in isas() {
        let x = floats(isa, Draw::TruncatedNormal, 1_000_000);
        assert!(x.iter().all(|v| v.abs() <= 2.0));
        assert!(x.iter().any(|v| *v > 1.99) && x.iter().any(|v| *v < -1.99));
        let [mean, got, skewness, kurtosis] = moments(&x);
        assert!(mean.abs() < 0.005 && (got - variance).abs() < 0.005, "{mean} {got} for {variance}");
        assert!(skewness.abs() < 0.012 && (kurtosis - fourth / variance / variance).abs() < 0.012);
    }
}

#[test]
fn all_instruction_sets_draw_the_same_bits() {
    for draw in [Draw::Words, Draw::Uniform, Draw::Normal, Draw::TruncatedNormal] {
        let reference = words(Isa::Portable, draw, 10_007, KEY);
        assert!(isas().all(|isa| words(isa, draw, 10_007, KEY) == reference));
        assert_ne!(words(Isa::Portable, draw, 10_007, [KEY[0], 1]), reference);
    }
}

#[test]
fn permutations_hold_everything_once_and_differ_by_key() {
    for n in [0, 1, 2, 5, 1000] {
        let mut order = permutation(n, KEY);
        order.sort_unstable();
        assert!(order.into_iter().eq(0..n));
    }
    assert_ne!(permutation(1000, KEY), permutation(1000, [1, 2]));
    // Each of the 24 orders of four comes up about equally often.
    let mut counts = std::collections::HashMap::new();
    for seed in 0..24_000 {
        *counts.entry(permutation(4, [seed, 0])).or_insert(0) += 1;
    }
    assert!(counts.len() == 24 && counts.values().all(|&c| (840..1160).contains(&c)), "{counts:?}");
}
