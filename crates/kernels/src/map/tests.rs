mod lines;
mod totals;

use fovea_core::DType;

use super::*;
use crate::harness::{Dice, Guarded, drive, isas};
use crate::isa::Isa;
use crate::math;

struct Add;
impl<T: Num> Op2<T, T, T> for Add {
    #[inline(always)]
    fn f(a: T, b: T) -> T {
        a.add(b)
    }
}

struct Mul;
impl<T: Num> Op2<T, T, T> for Mul {
    #[inline(always)]
    fn f(a: T, b: T) -> T {
        a.mul(b)
    }
}

struct Exp;
impl Op1<f32, f32> for Exp {
    #[inline(always)]
    fn f(a: f32) -> f32 {
        math::exp(a)
    }
}

struct Fma;
impl Op3<f32, f32, f32, f32> for Fma {
    #[inline(always)]
    fn f(a: f32, b: f32, c: f32) -> f32 {
        a * b + c
    }
}

/// A load over `shape` whose listed axes are broadcast, or transposed by `order`.
fn load(shape: &[usize], kept: &[bool], order: &[usize]) -> Load {
    let mut strides = vec![0; shape.len()];
    let mut run = 1;
    for &d in order.iter().rev() {
        if kept[d] {
            strides[d] = run;
            run *= shape[d];
        }
    }
    Load { dtype: DType::F32, strides }
}

fn elements(load: &Load, shape: &[usize]) -> usize {
    1 + load.strides.iter().zip(shape).map(|(s, n)| s * n.saturating_sub(1)).sum::<usize>()
}

fn at(load: &Load, shape: &[usize], mut flat: usize) -> usize {
    let mut offset = 0;
    for (s, n) in load.strides.iter().zip(shape).rev() {
        offset += flat % n * s;
        flat /= n;
    }
    offset
}

/// x·b + exp(y), x·b itself, and y copied: three stores, one of them read again.
fn program(isa: Isa, shape: &[usize], loads: [Load; 3]) -> MapProgram {
    let step = |f, args: &[u16], out| Step { f: Loop::Op(f), args: args.to_vec(), out, dtype: DType::F32 };
    let store = |reg| Store { reg, dtype: DType::F32 };
    MapProgram {
        shape: shape.to_vec(),
        loads: loads.to_vec(),
        constants: vec![Constant::of(0.5f32)],
        steps: vec![
            step(strip2::<Mul, f32, f32, f32>(isa), &[0, 1], 4),
            step(strip1::<Exp, f32, f32>(isa), &[2], 5),
            step(strip3::<Fma, f32, f32, f32, f32>(isa), &[5, 3, 4], 6),
            step(strip2::<Add, f32, f32, f32>(isa), &[6, 0], 7),
        ],
        stores: vec![store(4), store(7), store(2), store(3)],
        totals: vec![],
        sums: vec![],
    }
}

#[test]
fn every_broadcast_agrees_with_the_naive_loop() {
    let mut dice = Dice(1);
    let shapes: [&[usize]; 12] = [
        &[],
        &[1],
        &[7],
        &[0, 5],
        &[5000],
        &[3, 1, 5],
        &[300, 32],
        &[70, 3, 41],
        &[5, 3000],
        &[2, 3, 700],
        &[9, 1, 2500],
        &[33, 2, 2, 31],
    ];
    for isa in isas() {
        for shape in shapes {
            for trial in 0..12 {
                let mut loads = Vec::new();
                for _ in 0..3 {
                    let kept: Vec<bool> = shape.iter().map(|_| trial == 0 || dice.below(3) > 0).collect();
                    let mut order: Vec<usize> = (0..shape.len()).collect();
                    if trial > 6 {
                        dice.shuffle(&mut order);
                    }
                    loads.push(load(shape, &kept, &order));
                }
                let loads: [Load; 3] = loads.try_into().unwrap();
                let data: Vec<Vec<f32>> = loads.iter().map(|l| dice.floats(elements(l, shape))).collect();
                let n: usize = shape.iter().product();
                let want: Vec<[f32; 4]> = (0..n)
                    .map(|i| {
                        let [x, b, y] = [0, 1, 2].map(|j| data[j][at(&loads[j], shape, i)]);
                        [x * b, (math::exp(y) * 0.5 + x * b) + x, y, 0.5]
                    })
                    .collect();
                let map = Map::new(isa, program(isa, shape, loads));
                let mut outputs: [Guarded<f32>; 4] = std::array::from_fn(|_| Guarded::new(n));
                let pointers = outputs.each_mut().map(Guarded::ptr);
                let inputs: Vec<*const u8> = data.iter().map(|d| d.as_ptr().cast()).collect();
                drive(map.phases(), map.temp(), trial, |phase, chunk, temp, scratch| {
                    // SAFETY: the buffers were made for this program.
                    unsafe { map.run(phase, chunk, &inputs, &pointers, temp, scratch) }
                });
                for (j, out) in outputs.iter_mut().enumerate() {
                    let out = out.get();
                    for i in 0..n {
                        assert_eq!(
                            out[i].to_bits(),
                            want[i][j].to_bits(),
                            "{isa:?} {shape:?} store {j} at {i}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn outputs_may_replace_inputs() {
    let shape = [9000usize];
    let mut dice = Dice(2);
    let whole = load(&shape, &[true], &[0]);
    let data: [Vec<f32>; 3] = std::array::from_fn(|_| dice.floats(9000));
    for isa in isas() {
        // Outputs 0, 1 and 2 each take the place of one input, in every order.
        for order in [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [2, 1, 0], [1, 0, 2]] {
            let map = Map::new(isa, program(isa, &shape, [whole.clone(), whole.clone(), whole.clone()]));
            let mut buffers = [0, 1, 2].map(|i| Guarded::of(&data[i]));
            let pointers = buffers.each_mut().map(Guarded::ptr);
            let mut constant = Guarded::<f32>::new(9000);
            let inputs = pointers.map(|p| p.cast_const());
            let outputs = [pointers[order[0]], pointers[order[1]], pointers[order[2]], constant.ptr()];
            drive(map.phases(), 0, 3, |phase, chunk, temp, scratch| {
                // SAFETY: in place, as the contract allows.
                unsafe { map.run(phase, chunk, &inputs, &outputs, temp, scratch) }
            });
            let got = order.map(|b| buffers[b].get());
            for i in 0..9000 {
                let [x, b, y] = [0, 1, 2].map(|j| data[j][i]);
                assert_eq!(got[0][i], x * b, "{order:?} at {i}");
                assert_eq!(got[1][i], (math::exp(y) * 0.5 + x * b) + x, "{order:?} at {i}");
                assert_eq!(got[2][i], y, "{order:?} at {i}");
            }
        }
    }
}

#[test]
fn two_operands_can_swap_places() {
    let store = |reg| Store { reg, dtype: DType::I64 };
    let whole = Load { dtype: DType::I64, strides: vec![1] };
    for isa in isas() {
        let map = Map::new(
            isa,
            MapProgram {
                shape: vec![5000],
                loads: vec![whole.clone(), whole.clone()],
                constants: vec![],
                steps: vec![],
                stores: vec![store(1), store(0)],
                totals: vec![],
                sums: vec![],
            },
        );
        let mut a = Guarded::of(&(0..5000).collect::<Vec<i64>>());
        let mut b = Guarded::of(&(5000..10000).collect::<Vec<i64>>());
        let pointers = [a.ptr(), b.ptr()];
        drive(map.phases(), 0, 3, |phase, chunk, temp, scratch| {
            // SAFETY: in place, as the contract allows.
            unsafe { map.run(phase, chunk, &pointers.map(|p| p.cast_const()), &pointers, temp, scratch) }
        });
        assert!(a.get().into_iter().eq(5000..10000) && b.get().into_iter().eq(0..5000));
    }
}

/// Runs one cast over a few values.
fn casted<A: Copy, R: Copy>(isa: Isa, from: DType, to: DType, values: &[A]) -> Vec<R> {
    let mut out = Guarded::<R>::new(values.len());
    let args = [values.as_ptr().cast::<u8>()];
    // SAFETY: the types are those of `from` and `to`.
    unsafe { cast(isa, from, to)(args.as_ptr(), out.ptr(), values.len()) };
    out.get()
}

#[test]
fn casts_saturate_truncate_wrap_and_test() {
    use DType::*;
    for isa in isas() {
        let floats =
            [0.0f32, -0.0, 1.9, -1.9, 300.0, -300.0, 3e9, -3e9, 1e20, -1e20, f32::NAN, f32::INFINITY];
        let max = i32::MAX;
        assert_eq!(
            casted::<f32, i32>(isa, F32, I32, &floats),
            [0, 0, 1, -1, 300, -300, max, i32::MIN, max, i32::MIN, 0, max]
        );
        assert_eq!(casted::<f32, u8>(isa, F32, U8, &floats), [0, 0, 1, 0, 255, 0, 255, 0, 255, 0, 0, 255]);
        assert_eq!(
            casted::<f32, i64>(isa, F32, I64, &floats[6..11]),
            [3_000_000_000, -3_000_000_000, i64::MAX, i64::MIN, 0]
        );
        assert_eq!(casted::<f32, u8>(isa, F32, Bool, &floats), [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!(casted::<i32, u8>(isa, I32, U8, &[-1, 256, 255, 7]), [255, 0, 255, 7]);
        assert_eq!(casted::<i32, u8>(isa, I32, Bool, &[-1, 256, 0, 7]), [1, 1, 0, 1]);
        assert_eq!(casted::<u8, f32>(isa, Bool, F32, &[0, 1, 1]), [0.0, 1.0, 1.0]);
        assert_eq!(casted::<u8, i64>(isa, Bool, I64, &[0, 1, 1]), [0, 1, 1]);
        assert_eq!(casted::<i8, f32>(isa, I8, F32, &[-128, 127]), [-128.0, 127.0]);
        assert_eq!(casted::<u32, f32>(isa, U32, F32, &[u32::MAX, 5]), [4_294_967_296.0, 5.0]);
    }
}

#[test]
fn remainders_and_quotients_follow_python() {
    // From Python: [(a // b, a % b) for a in (7, -7) for b in (3, -3)].
    let want = [(2, 1), (-3, -2), (-3, 2), (2, -1)];
    for ((a, b), (q, r)) in [(7, 3), (7, -3), (-7, 3), (-7, -3)].into_iter().zip(want) {
        assert_eq!((Num::div(a, b), Num::rem(a, b)), (q, r));
        assert_eq!(
            (Num::div(i64::from(a), i64::from(b)), Num::rem(a as i8, b as i8)),
            (i64::from(q), r as i8)
        );
        assert_eq!(Num::rem(a as f32, b as f32), r as f32);
    }
    assert_eq!((Num::div(5, 0), Num::rem(5, 0), Num::div(5u8, 0), Num::rem(5u8, 0)), (0, 0, 0, 0));
    assert_eq!((Num::div(i32::MIN, -1), Num::rem(i32::MIN, -1)), (i32::MIN, 0));
    assert_eq!(Num::rem(-1.0, f32::INFINITY), f32::INFINITY);
    assert!(Num::rem(1.0f32, 0.0).is_nan());
    assert!(Num::rem(-0.0f32, 3.0).is_sign_positive() && Num::rem(6.0f32, -3.0).is_sign_negative());
}

#[test]
fn whole_powers_wrap_and_negative_ones_are_cut_towards_0() {
    for (a, b) in (i8::MIN..=i8::MAX).flat_map(|a| (0..=i8::MAX).map(move |b| (a, b))) {
        let product = |a: i128, modulus: i128| (0..b).fold(1, |power, _| power * a % modulus);
        assert_eq!(Num::pow(a, b), product(i128::from(a), 1 << 8) as i8, "{a} to the power of {b}");
        assert_eq!(Num::pow(a as u8, b as u8), product(i128::from(a as u8), 1 << 8) as u8);
        assert_eq!(Num::pow(i64::from(a), i64::from(b)), product(i128::from(a), 1 << 64) as i64);
    }
    for b in [-1, -2, -3, i32::MIN] {
        for a in [-3, -2, -1, 1, 2, 3] {
            let exact = f64::from(a).powi(b);
            assert_eq!(f64::from(Num::pow(a, b)), exact.trunc(), "{a} to the power of {b}");
        }
        assert_eq!(Num::pow(0, b), 0);
    }
    assert_eq!([Num::pow(-2.0f32, 3.0), Num::pow(4.0f32, -0.5)], [-8.0, 0.5]);
}

#[test]
fn nan_wins_minimum_and_maximum() {
    for (a, b) in [(f32::NAN, 1.0), (1.0, f32::NAN), (f32::NAN, f32::NAN)] {
        assert!(Num::min(a, b).is_nan() && Num::max(a, b).is_nan());
    }
    assert!(Num::sign(f32::NAN).is_nan());
    assert_eq!([-2.0f32, 0.0, 3.0].map(Num::sign), [-1.0, 0.0, 1.0]);
    assert_eq!([i8::MIN, -1, 0, 1].map(Num::abs), [i8::MIN, 1, 0, 1]);
    assert_eq!(Num::sub(0u8, 1), 255);
}
