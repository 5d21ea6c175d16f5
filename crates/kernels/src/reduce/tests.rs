mod moments;

use fovea_core::{DType, Element};

use super::*;
use crate::harness::{Dice, Guarded, drive, isas};
use crate::isa::Isa;

const SHAPES: [(&[usize], &[usize]); 22] = [
    (&[], &[]),
    (&[1], &[0]),
    (&[5], &[]),
    (&[5], &[0]),
    (&[0], &[0]),
    (&[3, 0], &[1]),
    (&[0, 3], &[0]),
    (&[0, 3], &[1]),
    (&[64, 10], &[1]),
    (&[64, 10], &[0]),
    (&[7, 1, 9], &[1]),
    (&[1000, 3], &[0]),
    (&[40_000, 32], &[0]),
    (&[300_001], &[0]),
    (&[3, 70_001], &[1]),
    (&[2, 300, 1025], &[1]),
    (&[700, 2049], &[0]),
    (&[3, 4, 5, 6], &[0, 2]),
    (&[3, 4, 5, 6], &[1, 3]),
    (&[2, 50, 3, 900, 2], &[1, 3]),
    (&[9, 300, 2, 130], &[0, 1, 3]),
    (&[2, 3, 4], &[0, 1, 2]),
];

/// For each result, the indices of the elements that are reduced to it, in row-major order.
fn groups(shape: &[usize], axes: &[usize]) -> Vec<Vec<usize>> {
    let results: usize =
        shape.iter().enumerate().filter(|(d, _)| !axes.contains(d)).map(|(_, n)| n).product();
    let mut groups = vec![Vec::new(); results];
    for flat in 0..shape.iter().product() {
        let (mut rest, mut place, mut run) = (flat, 0, 1);
        for d in (0..shape.len()).rev() {
            if !axes.contains(&d) {
                place += rest % shape[d] * run;
                run *= shape[d];
            }
            rest /= shape[d];
        }
        groups[place].push(flat);
    }
    groups
}

fn reduce<T: Element>(
    isa: Isa,
    op: ReduceOp,
    dtype: DType,
    x: &[T],
    shape: &[usize],
    axes: &[usize],
) -> Vec<T> {
    let plan = Reduce::new(isa, op, dtype, shape, axes);
    let run = |seed| {
        let mut out = Guarded::<T>::new(groups_len(shape, axes));
        let to = out.ptr();
        drive(plan.phases(), plan.temp(), seed, |phase, chunk, temp, scratch| {
            // SAFETY: the buffers were made for this plan.
            unsafe { plan.run(phase, chunk, x.as_ptr().cast(), to, temp, scratch) }
        });
        out.get()
    };
    let bytes = |v: &[T]| -> Vec<u8> {
        // SAFETY: plain numbers.
        unsafe { std::slice::from_raw_parts(v.as_ptr().cast(), size_of_val(v)).to_vec() }
    };
    let first = run(1);
    assert_eq!(bytes(&first), bytes(&run(2)), "the order of chunks shows");
    first
}

fn groups_len(shape: &[usize], axes: &[usize]) -> usize {
    shape.iter().enumerate().filter(|(d, _)| !axes.contains(d)).map(|(_, n)| n).product()
}

#[test]
fn float_sums_and_means_agree_with_f64() {
    let mut dice = Dice(1);
    for isa in isas() {
        for (shape, axes) in SHAPES {
            let x = dice.floats(shape.iter().product());
            let sum = reduce(isa, ReduceOp::Sum, DType::F32, &x, shape, axes);
            let mean = reduce(isa, ReduceOp::Mean, DType::F32, &x, shape, axes);
            for ((group, &sum), &mean) in groups(shape, axes).iter().zip(&sum).zip(&mean) {
                let want: f64 = group.iter().map(|&i| f64::from(x[i])).sum();
                let size: f64 = group.iter().map(|&i| f64::from(x[i]).abs()).sum();
                // A few roundings for each level of the tree, whatever the count.
                let bound = size * 16.0 * f64::from(f32::EPSILON) / 2.0;
                assert!((f64::from(sum) - want).abs() <= bound, "{shape:?} {axes:?}: {sum} for {want}");
                let n = group.len() as f64;
                let close = (f64::from(mean) - want / n).abs() <= bound / n + want.abs() / n * 1e-7;
                assert!(close || (group.is_empty() && mean.is_nan()), "{shape:?} {axes:?}");
            }
        }
    }
}

#[test]
fn long_sums_do_not_drift() {
    // Naive summation in f32 is off by more than 1e-4 here.
    let x = vec![0.1f32; 4_000_000];
    let want = 4e6 * f64::from(0.1f32);
    for isa in isas() {
        for (shape, axes) in
            [(&[4_000_000][..], &[0][..]), (&[1_000_000, 4], &[0]), (&[4, 1000, 1000], &[1, 2])]
        {
            let sums = reduce(isa, ReduceOp::Sum, DType::F32, &x, shape, axes);
            let total: f64 = sums.iter().map(|&s| f64::from(s)).sum();
            assert!((total / want - 1.0).abs() < 1e-6, "{shape:?}: {total} for {want}");
        }
    }
}

fn integers<T: Element + PartialEq + std::fmt::Debug>(dtype: DType, make: fn(u64) -> T, wide: fn(T) -> i128) {
    let mut dice = Dice(2);
    for isa in isas() {
        for (shape, axes) in SHAPES {
            let x: Vec<T> = (0..shape.iter().product()).map(|_| make(dice.next())).collect();
            let bits = 8 * size_of::<T>() as u32;
            let low = |v: i128| v & ((1i128 << bits) - 1);
            let run = |op| reduce(isa, op, dtype, &x, shape, axes);
            let (sum, prod, max, min) =
                (run(ReduceOp::Sum), run(ReduceOp::Prod), run(ReduceOp::Max), run(ReduceOp::Min));
            for (i, group) in groups(shape, axes).iter().enumerate() {
                let values = || group.iter().map(|&i| wide(x[i]));
                assert_eq!(low(wide(sum[i])), low(values().sum()), "sum {shape:?} {axes:?}");
                assert_eq!(
                    low(wide(prod[i])),
                    values().fold(1, |a, b| low(low(a).wrapping_mul(low(b)))),
                    "{shape:?} {axes:?}"
                );
                if !group.is_empty() {
                    assert_eq!(Some(wide(max[i])), values().max(), "max {shape:?} {axes:?}");
                    assert_eq!(Some(wide(min[i])), values().min(), "min {shape:?} {axes:?}");
                }
            }
        }
    }
}

#[test]
fn integer_reductions_are_exact_and_wrap() {
    integers::<i32>(DType::I32, |r| r as i32, i128::from);
    integers::<u32>(DType::U32, |r| r as u32, i128::from);
    integers::<i64>(DType::I64, |r| (r as i64) >> 8, i128::from);
    integers::<u8>(DType::U8, |r| r as u8, i128::from);
    integers::<i8>(DType::I8, |r| r as i8, i128::from);
}

#[test]
fn truth_values_reduce() {
    let mut dice = Dice(3);
    for isa in isas() {
        for (shape, axes) in SHAPES {
            for rare in [0, 1] {
                let x: Vec<u8> = (0..shape.iter().product())
                    .map(|_| if dice.below(50) == 0 { rare } else { 1 - rare })
                    .collect();
                let all = reduce(isa, ReduceOp::All, DType::Bool, &x, shape, axes);
                let any = reduce(isa, ReduceOp::Any, DType::Bool, &x, shape, axes);
                for (i, group) in groups(shape, axes).iter().enumerate() {
                    assert_eq!(all[i], u8::from(group.iter().all(|&i| x[i] != 0)));
                    assert_eq!(any[i], u8::from(group.iter().any(|&i| x[i] != 0)));
                }
            }
        }
    }
}

#[test]
fn extremes_of_floats_keep_nan() {
    let mut dice = Dice(4);
    for isa in isas() {
        for (shape, axes) in SHAPES {
            let mut x = dice.floats(shape.iter().product());
            if !x.is_empty() {
                let place = dice.below(x.len());
                x[place] = f32::NAN;
            }
            let max = reduce(isa, ReduceOp::Max, DType::F32, &x, shape, axes);
            let min = reduce(isa, ReduceOp::Min, DType::F32, &x, shape, axes);
            for (i, group) in groups(shape, axes).iter().enumerate() {
                if group.iter().any(|&i| x[i].is_nan()) {
                    assert!(max[i].is_nan() && min[i].is_nan(), "{shape:?} {axes:?}");
                } else {
                    assert_eq!(max[i], group.iter().map(|&i| x[i]).fold(f32::NEG_INFINITY, f32::max));
                    assert_eq!(min[i], group.iter().map(|&i| x[i]).fold(f32::INFINITY, f32::min));
                }
            }
        }
    }
}

#[test]
fn positions_are_the_first_of_equals_or_the_first_nan() {
    let mut dice = Dice(5);
    for isa in isas() {
        for (shape, axes) in SHAPES {
            for with_nan in [false, true] {
                // Few different values, so that equals are common.
                let mut x: Vec<f32> = (0..shape.iter().product()).map(|_| dice.below(40) as f32).collect();
                if with_nan && !x.is_empty() {
                    for _ in 0..3 {
                        let place = dice.below(x.len());
                        x[place] = f32::NAN;
                    }
                }
                for op in [ArgOp::Max, ArgOp::Min] {
                    let plan = ArgReduce::new(isa, op, DType::F32, shape, axes);
                    let mut out = Guarded::<i32>::new(groups_len(shape, axes));
                    let to = out.ptr();
                    drive(&[plan.phase], 0, 1, |_, chunk, _, scratch| {
                        // SAFETY: the buffers were made for this plan.
                        unsafe { plan.run(chunk, x.as_ptr().cast(), to, scratch) }
                    });
                    for (group, got) in groups(shape, axes).iter().zip(out.get()) {
                        let mut best = 0;
                        for (at, &i) in group.iter().enumerate() {
                            let (v, b) = (x[i], x[group[best]]);
                            let wins = if op == ArgOp::Max { v > b } else { v < b };
                            if !b.is_nan() && (v.is_nan() || wins) {
                                best = at;
                            }
                        }
                        assert_eq!(got, best as i32, "{op:?} {shape:?} {axes:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn running_sums_in_both_directions() {
    let mut dice = Dice(6);
    let shapes: [(&[usize], usize); 6] =
        [(&[5], 0), (&[0, 3], 0), (&[3, 0], 0), (&[4, 2000, 3], 1), (&[4, 1500], 0), (&[300, 40], 1)];
    for isa in isas() {
        for (shape, axis) in shapes {
            for (reverse, exclusive) in [(false, false), (false, true), (true, false), (true, true)] {
                let x: Vec<i32> = (0..shape.iter().product()).map(|_| dice.next() as i32).collect();
                let plan = CumSum::new(isa, DType::I32, shape, axis, reverse, exclusive);
                let mut out = Guarded::<i32>::new(x.len());
                let to = out.ptr();
                drive(&[plan.phase], 0, 1, |_, chunk, _, scratch| {
                    // SAFETY: the buffers were made for this plan.
                    unsafe { plan.run(chunk, x.as_ptr().cast(), to, scratch) }
                });
                let out = out.get();
                let (n, stride) = (shape[axis], shape[axis + 1..].iter().product::<usize>());
                for (i, &got) in out.iter().enumerate() {
                    let at = i / stride % n;
                    let want = (0..n)
                        .filter(|&j| if reverse { j >= at } else { j <= at } && !(exclusive && j == at))
                        .fold(0i32, |sum, j| sum.wrapping_add(x[i + j * stride - at * stride]));
                    assert_eq!(got, want, "{shape:?} {axis} {reverse} {exclusive}");
                }
            }
        }
    }
}
