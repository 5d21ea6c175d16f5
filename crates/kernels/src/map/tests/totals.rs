//! Results that are sums.

use super::*;
use fovea_core::Bf16;

/// The iteration shape, and how many results each total keeps.
const CASES: [(&[usize], [usize; 2]); 18] = [
    (&[], [1, 1]),
    (&[1], [1, 1]),
    (&[7], [1, 7]),
    (&[0, 5], [5, 1]),
    (&[5, 0], [0, 1]),
    (&[1, 9], [9, 1]),
    (&[3, 1, 5], [5, 1]),
    (&[20_000, 3], [3, 1]),
    (&[90_000, 1], [1, 1]),
    (&[130_001], [1, 1]),
    (&[3, 70_001], [1, 70_001]),
    (&[30_001, 32], [32, 1]),
    (&[9, 50, 50, 7], [7, 350]),
    (&[90, 37, 144], [144, 1]),
    (&[393, 2048], [2048, 1]),
    (&[37, 4097], [4097, 1]),
    (&[60, 3, 5, 1000], [5000, 15_000]),
    (&[60, 3, 1, 900], [2700, 900]),
];

/// x·b + y, stored or not; its totals, and the mean of x, which no step reads alone.
fn program(isa: Isa, shape: &[usize], loads: [Load; 3], [a, b]: [usize; 2], stored: bool) -> MapProgram {
    let step = |f, args: &[u16], out| Step { f: Loop::Op(f), args: args.to_vec(), out, dtype: DType::F32 };
    let total = |reg, kept, mean| Total { reg: Some(reg), dtype: DType::F32, kept, mean };
    MapProgram {
        shape: shape.to_vec(),
        loads: loads.to_vec(),
        constants: vec![],
        steps: vec![
            step(strip2::<Mul, f32, f32, f32>(isa), &[0, 1], 3),
            step(strip2::<Add, f32, f32, f32>(isa), &[3, 2], 4),
        ],
        stores: if stored { vec![Store { reg: 4, dtype: DType::F32 }] } else { vec![] },
        totals: vec![total(4, a, false), total(0, a, true), total(4, b, true), total(3, b, false)],
        sums: vec![],
    }
}

/// Whether each of `got` is the sum of every `got.len()`-th of the terms, or their mean.
pub(super) fn check(what: &str, got: &[f32], terms: &[f64], mean: bool) {
    let kept = got.len();
    let count = terms.len() / kept.max(1);
    for (column, &got) in got.iter().enumerate() {
        let of = || terms.iter().skip(column).step_by(kept);
        let (want, size) = (of().sum::<f64>(), of().map(|v| v.abs()).sum::<f64>());
        let n = if mean { count as f64 } else { 1.0 };
        // The terms themselves are rounded once or twice.
        let bound = size * 8.0 * f64::from(f32::EPSILON) / n;
        let right = (f64::from(got) - want / n).abs() <= bound;
        assert!(right || (mean && count == 0 && got.is_nan()), "{what}, {column}: {got} for {}", want / n);
    }
}

#[test]
fn totals_agree_with_f64_whatever_is_stored_and_broadcast() {
    let mut dice = Dice(7);
    for (shape, kept) in CASES {
        for trial in 0..4 {
            let whole = vec![true; shape.len()];
            let order: Vec<usize> = (0..shape.len()).collect();
            let some: Vec<bool> = shape.iter().map(|_| trial == 0 || dice.below(2) > 0).collect();
            let mut row = vec![false; shape.len()];
            row.iter_mut().rev().take(1).for_each(|last| *last = true);
            let loads = [load(shape, &whole, &order), load(shape, &row, &order), load(shape, &some, &order)];
            let data: [Vec<f32>; 3] = std::array::from_fn(|j| dice.floats(elements(&loads[j], shape)));
            let n: usize = shape.iter().product();
            let value = |j: usize, i: usize| f64::from(data[j][at(&loads[j], shape, i)]);
            let x: Vec<f64> = (0..n).map(|i| value(0, i)).collect();
            let product: Vec<f64> = (0..n).map(|i| x[i] * value(1, i)).collect();
            let sum: Vec<f64> = (0..n).map(|i| product[i] + value(2, i)).collect();
            for isa in isas() {
                let stored = trial % 2 == 0;
                let map = Map::new(isa, program(isa, shape, loads.clone(), kept, stored));
                let run = |seed, in_place: bool| {
                    let mut operands = [0, 1, 2].map(|j| Guarded::of(&data[j]));
                    let inputs = operands.each_mut().map(|o| o.ptr().cast_const());
                    let mut y = Guarded::<f32>::new(n);
                    let mut totals = [0, 0, 1, 1].map(|k| Guarded::<f32>::new(kept[k]));
                    let to = if in_place { inputs[0].cast_mut() } else { y.ptr() };
                    let stores = stored.then_some(to).into_iter();
                    let outputs: Vec<*mut u8> = stores.chain(totals.each_mut().map(Guarded::ptr)).collect();
                    drive(map.phases(), map.temp(), seed, |phase, chunk, temp, scratch| {
                        // SAFETY: the buffers were made for this program.
                        unsafe { map.run(phase, chunk, &inputs, &outputs, temp, scratch) }
                    });
                    totals.each_mut().map(Guarded::get)
                };
                let got = run(1, false);
                let bits = |all: &[Vec<f32>; 4]| all.concat().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&got), bits(&run(2, true)), "the order of chunks shows, {shape:?}");
                let what = format!("{isa:?} {shape:?} {kept:?}");
                check(&what, &got[0], &sum, false);
                check(&what, &got[1], &x, true);
                check(&what, &got[2], &sum, true);
                check(&what, &got[3], &product, false);
            }
        }
    }
}

#[test]
fn long_totals_do_not_drift() {
    let x = vec![0.1f32; 4_000_000];
    for isa in isas() {
        for kept in [1, 4, 500] {
            let whole = Load { dtype: DType::F32, strides: vec![kept, 1] };
            let map = Map::new(
                isa,
                MapProgram {
                    shape: vec![x.len() / kept, kept],
                    loads: vec![whole],
                    constants: vec![],
                    steps: vec![],
                    stores: vec![],
                    totals: vec![Total { reg: Some(0), dtype: DType::F32, kept, mean: true }],
                    sums: vec![],
                },
            );
            let mut means = Guarded::<f32>::new(kept);
            let to = [means.ptr()];
            drive(map.phases(), map.temp(), 1, |phase, chunk, temp, scratch| {
                // SAFETY: the buffers were made for this program.
                unsafe { map.run(phase, chunk, &[x.as_ptr().cast()], &to, temp, scratch) }
            });
            assert!(means.get().iter().all(|mean| (mean / 0.1 - 1.0).abs() < 1e-6), "{kept}");
        }
    }
}

#[test]
fn totals_of_bfloat16_are_float32() {
    // Whole numbers, whose sums are exact in any order.
    for kept in [1, 5, 64, 1000] {
        let numbers: Vec<u8> = (0..kept * 137).map(|i| (i * 7 % 251) as u8).collect();
        let x: Vec<Bf16> = numbers.iter().map(|&x| Bf16::from_f32(f32::from(x))).collect();
        for isa in isas() {
            let map = Map::new(
                isa,
                MapProgram {
                    shape: vec![137, kept],
                    loads: vec![Load { dtype: DType::Bf16, strides: vec![kept, 1] }],
                    constants: vec![],
                    steps: vec![],
                    stores: vec![],
                    totals: vec![Total { reg: Some(0), dtype: DType::Bf16, kept, mean: false }],
                    sums: vec![],
                },
            );
            let mut sums = Guarded::<f32>::new(kept);
            let to = [sums.ptr()];
            drive(map.phases(), map.temp(), 1, |phase, chunk, temp, scratch| {
                // SAFETY: the buffers were made for this program.
                unsafe { map.run(phase, chunk, &[x.as_ptr().cast()], &to, temp, scratch) }
            });
            for (column, sum) in sums.get().iter().enumerate() {
                let want: u32 = numbers[column..].iter().step_by(kept).map(|&x| u32::from(x)).sum();
                assert_eq!(*sum, want as f32, "{isa:?}, {column} of {kept}");
            }
        }
    }
}
