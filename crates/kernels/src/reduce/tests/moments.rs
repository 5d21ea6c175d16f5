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

#[test]
fn lines_far_from_those_before_them_take_no_digits() {
    let mut dice = Dice(11);
    for isa in isas() {
        for [rows, columns] in [[700, 1], [9000, 24], [3000, 144], [392, 1280], [300, 1025], [40_000, 3]] {
            let noise = dice.floats(rows * columns);
            let of = |far: &dyn Fn(usize) -> f32| -> Vec<f32> {
                noise.iter().enumerate().map(|(i, &v)| far(i / columns) + v / 64.0).collect()
            };
            // Some lines, the first or all but the first, lie far from the others.
            for lines in [1, 2, 3, 7, 8, 9, 15, 16, 31, 33, 100, 200, rows - 1] {
                check(isa, &of(&|row| if row < lines { 1e5 } else { 0.0 }), [rows, columns]);
                check(isa, &of(&|row| if row < lines { 0.0 } else { -3e7 }), [rows, columns]);
            }
            // Each line lies farther away, or far from the next.
            check(isa, &of(&|row| row as f32 * 10.0), [rows, columns]);
            check(isa, &of(&|row| (row as f32).exp2().min(1e15)), [rows, columns]);
            check(isa, &of(&|row| if row % 2 == 0 { 1e4 } else { -1e4 }), [rows, columns]);
            check(isa, &of(&|row| if row % 128 == 0 { 1e6 } else { 7.0 }), [rows, columns]);
        }
    }
}

#[test]
fn a_variance_is_never_negative() {
    for isa in isas() {
        for [rows, columns] in [[700, 1], [1000, 24], [300, 144], [37, 1025]] {
            for value in [0.1, 1e-3, -777.7, 1e9] {
                let mut x = vec![value; rows * columns];
                let [_, variances] = moments(isa, &x, [rows, columns]);
                assert!(variances.iter().all(|&v| v >= 0.0));
                x[..columns].fill(3e5);
                let [_, variances] = moments(isa, &x, [rows, columns]);
                assert!(variances.iter().all(|&v| v > 0.0));
            }
        }
    }
}

#[test]
fn a_column_that_is_not_finite_leaves_the_others_alone() {
    let mut dice = Dice(12);
    for isa in isas() {
        for [rows, columns] in [[5, 3], [300, 24], [50, 1025]] {
            let x = dice.floats(rows * columns);
            let expected = moments(isa, &x, [rows, columns]);
            for (row, value) in [(0, f32::INFINITY), (rows - 1, f32::NEG_INFINITY), (rows / 2, f32::NAN)] {
                let mut x = x.clone();
                x[row * columns + 1] = value;
                let got = moments(isa, &x, [rows, columns]);
                assert!(
                    !got[0][1].is_finite() && got[1][1].is_nan(),
                    "{rows} × {columns}, {value}: {} {}",
                    got[0][1],
                    got[1][1]
                );
                for (got, expected) in got.iter().zip(&expected) {
                    assert!(got[0] == expected[0] && got[2..] == expected[2..]);
                }
            }
        }
    }
}
