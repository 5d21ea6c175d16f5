//! Means and variances against f64.

use super::*;
use fovea_core::{Bf16, Element};

const MATRICES: [[usize; 2]; 17] = [
    [0, 3],
    [3, 0],
    [1, 1],
    [1, 7],
    [2, 1],
    [31, 5],
    [33, 2048],
    [400_003, 1],
    [200_001, 3],
    [25_088, 32],
    [9000, 144],
    [1000, 513],
    [392, 1024],
    [37, 1025],
    [392, 2048],
    [7, 5000],
    [1_000_000, 2],
];

fn moments<T: Element>(isa: Isa, x: &[T], [rows, columns]: [usize; 2]) -> [Vec<f32>; 2] {
    let plan = Moments::new(isa, T::DTYPE, rows, columns);
    let run = |seed| {
        let mut out = [0, 1].map(|_| Guarded::<f32>::new(columns));
        let to = out.each_mut().map(|o| o.ptr().cast());
        drive(plan.phases(), plan.temp(), seed, |phase, chunk, temp, scratch| {
            // SAFETY: the buffers were made for this plan.
            unsafe { plan.run(phase, chunk, x.as_ptr().cast(), to, temp.cast(), scratch.cast()) }
        });
        out.map(|mut o| o.get())
    };
    let (first, second) = (run(1), run(2));
    let bits = |m: &[Vec<f32>; 2]| m.concat().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&first), bits(&second), "the order of chunks shows");
    first
}

/// Column by column, whether mean and variance are those of `x`.
fn check(isa: Isa, x: &[f32], sizes: [usize; 2]) {
    let [rows, columns] = sizes;
    let [means, variances] = moments(isa, x, sizes);
    let epsilon = f64::from(f32::EPSILON);
    for (column, (&got_mean, &got_variance)) in means.iter().zip(&variances).enumerate() {
        if rows == 0 {
            assert!(got_mean.is_nan() && got_variance.is_nan());
            continue;
        }
        let of = || x[column..].iter().step_by(columns).map(|&v| f64::from(v));
        let n = rows as f64;
        let mean = of().sum::<f64>() / n;
        let variance = of().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
        let size = of().map(f64::abs).sum::<f64>() / n;
        let what = || format!("{isa:?} {sizes:?}, column {column}: {got_mean} {got_variance}");
        assert!((f64::from(got_mean) - mean).abs() <= 8.0 * epsilon * size, "{}: {mean}", what());
        // What the rounding of means costs: it enters squared, and times the deviation.
        let rounding = 8.0 * epsilon * size;
        let bound = 8.0 * epsilon * variance + rounding * rounding;
        assert!((f64::from(got_variance) - variance).abs() <= bound, "{}: {variance}", what());
    }
}

#[test]
fn moments_agree_with_f64() {
    let mut dice = Dice(8);
    for isa in isas() {
        for sizes in MATRICES {
            check(isa, &dice.floats(sizes[0] * sizes[1]), sizes);
        }
    }
}

#[test]
fn moments_of_bfloat16_are_those_of_the_same_numbers_in_float32() {
    let mut dice = Dice(10);
    for isa in isas() {
        for [rows, columns] in MATRICES {
            let x: Vec<Bf16> = dice.floats(rows * columns).into_iter().map(Bf16::from_f32).collect();
            let wide: Vec<f32> = x.iter().map(|x| x.to_f32()).collect();
            let bits = |m: [Vec<f32>; 2]| m.concat().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            let [narrow, wide] =
                [moments(isa, &x, [rows, columns]), moments(isa, &wide, [rows, columns])].map(bits);
            assert!(narrow == wide, "{isa:?} {rows} × {columns}");
        }
    }
}

#[test]
fn a_large_mean_leaves_a_small_variance_its_digits() {
    let mut dice = Dice(9);
    for isa in isas() {
        for [rows, columns] in [[50_000, 3], [9000, 144], [392, 2048], [200_001, 1]] {
            // Steps of 2⁻¹⁰ next to 1000, and a column that never changes.
            let far = dice.floats(rows * columns).into_iter().map(|v| 1000.0 + (v * 8.0).round() / 1024.0);
            let x: Vec<f32> = far.collect();
            check(isa, &x, [rows, columns]);
            let [mean, variance] = moments(isa, &vec![0.1; rows * columns], [rows, columns]);
            assert!(mean.iter().all(|m| (m / 0.1 - 1.0).abs() < 2e-7));
            assert!(variance.iter().all(|&v| v < 1e-15));
        }
    }
}
