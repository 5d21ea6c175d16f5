//! Mean and variance that a convolution finds of its own result, against f64 on that result.

mod convolution;
mod support;

use convolution::{general, valid};
use fovea_kernels::conv::{self, Algorithm, ConvShape};
use fovea_kernels::gemm::{Activation, Epilogue};
use fovea_kernels::isa::Isa;
use fovea_kernels::routine::{Floats, Operands};
use support::{Memory, Order, Values, available, drive, inputs_of};

/// A convolution, and its inputs.
struct Problem {
    shape: ConvShape,
    epilogue: Epilogue,
    x: Memory,
    w: Memory,
    bias: Memory,
}

/// The result, and the mean and the variance of each channel if they are wanted.
fn compute(isa: Isa, problem: &Problem, moments: bool, order: Order) -> [Vec<f32>; 3] {
    let Problem { shape, epilogue, x, w, bias } = problem;
    let epilogue = Epilogue { moments, ..*epilogue };
    let routine = conv::forward(isa, Algorithm::Direct, shape, epilogue, Floats::F32, false);
    let output = Memory::uninit(shape.n * shape.oh * shape.ow * shape.co);
    let none = Memory::uninit(x.values().len().max(w.values().len()));
    let found = [(); 2].map(|()| Memory::uninit(shape.co));
    drive(routine.phases(), routine.temp(), order, |phase, chunk, temp, scratch| {
        let inputs = inputs_of(&*routine, phase, [x, w], &none);
        let moments = [found[0].ptr(), found[1].ptr()];
        let (bias, output) = (bias.ptr(), output.ptr());
        let at = Operands { inputs, bias, moments, output, temp, scratch, ..Operands::NONE };
        // SAFETY: the buffers have the sizes that the routine was planned for.
        unsafe { routine.run(phase, chunk, &at) };
    });
    let [mean, variance] = &found;
    [&output, mean, variance].map(|memory| {
        memory.assert_guards("a result");
        memory.values().to_vec()
    })
}

/// Whether the result is the same with moments, and those are its own, to the bounds that moments alone are held to.
fn check(problem: &Problem, what: &str) {
    let (shape, epsilon) = (problem.shape, f64::from(f32::EPSILON));
    for isa in available() {
        let [alone, ..] = compute(isa, problem, false, Order::Forward);
        let [y, means, variances] = compute(isa, problem, true, Order::Backward);
        let what = format!("{} {shape} {what}", isa.name());
        assert!(y.iter().zip(&alone).all(|(y, alone)| y.to_bits() == alone.to_bits()), "{what}");
        let again = compute(isa, problem, true, Order::Shuffled(5));
        let bits = |numbers: &[f32]| numbers.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert!(
            bits(&again[1]) == bits(&means) && bits(&again[2]) == bits(&variances),
            "{what}: the order shows"
        );
        let n = (y.len() / shape.co) as f64;
        for (channel, (&found_mean, &found_variance)) in means.iter().zip(&variances).enumerate() {
            let of = || y[channel..].iter().step_by(shape.co).map(|&v| f64::from(v));
            let mean = of().sum::<f64>() / n;
            let variance = of().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
            let size = of().map(f64::abs).sum::<f64>() / n;
            let rounding = 8.0 * epsilon * size;
            let close = (f64::from(found_mean) - mean).abs() <= rounding;
            assert!(close, "{what}: the mean of channel {channel} is {found_mean}, not {mean}");
            let bound = 8.0 * epsilon * variance + rounding * rounding;
            let close = (f64::from(found_variance) - variance).abs() <= bound;
            assert!(close, "{what}: the variance of channel {channel} is {found_variance}, not {variance}");
            assert!(found_variance >= 0.0, "{what}: {found_variance}");
        }
    }
}

/// Of small numbers.
fn problem(shape: ConvShape, epilogue: Epilogue) -> Problem {
    let mut values = Values::new((shape.h * 31 + shape.co * 7 + shape.kw) as u64);
    let mut memory = |len: usize| Memory::of(&values.floats(len));
    let x = memory(shape.n * shape.h * shape.w * shape.c);
    let w = memory(shape.kh * shape.kw * shape.c / shape.groups * shape.co);
    Problem { shape, epilogue, x, w, bias: memory(shape.co) }
}

#[test]
fn moments_of_convolutions_of_all_kinds() {
    let shapes = [
        valid([2, 6, 7, 12], [3, 3, 37]),
        valid([1, 1, 1, 5], [1, 1, 3]),
        general([2, 33, 35, 3], [3, 3, 32], [2, 2], [1, 1], [1; 4], 1),
        general([4, 14, 14, 96], [1, 1, 24], [1, 1], [1, 1], [0; 4], 1),
        general([3, 9, 7, 16], [1, 1, 1030], [1, 1], [1, 1], [0; 4], 1),
        general([2, 9, 8, 10], [1, 1, 21], [2, 2], [1, 1], [0; 4], 1),
        general([1, 11, 9, 6], [3, 3, 8], [1, 1], [2, 2], [2; 4], 1),
        general([1, 6, 5, 12], [3, 3, 8], [1, 1], [1, 1], [1; 4], 4),
        general([2, 30, 31, 35], [3, 3, 35], [1, 1], [1, 1], [1; 4], 35),
        general([1, 57, 56, 48], [3, 3, 48], [2, 2], [1, 1], [1; 4], 48),
        // Cut into chunks, of pixels and of channels.
        valid([1, 30, 40, 16], [3, 3, 70]),
        valid([1, 5, 5, 300], [3, 3, 900]),
        // Around the image, outputs see nothing of it.
        general([2, 3, 4, 5], [1, 1, 20], [1, 1], [1, 1], [3; 4], 1),
    ];
    for shape in shapes {
        check(&problem(shape, Epilogue::default()), "alone");
        let epilogue = Epilogue { bias: true, activation: Activation::Relu, ..Epilogue::default() };
        check(&problem(shape, epilogue), "behind a bias and ReLU");
    }
}

/// Lines of `channels` numbers, which the convolution passes on as they are.
fn passed_on(lines: usize, channels: usize, number: impl Fn(usize, f32) -> f32) -> Problem {
    let shape = general([lines, 1, 1, channels], [1, 1, channels], [1, 1], [1, 1], [0; 4], channels);
    let noise = Values::new(channels as u64).floats(lines * channels);
    let x: Vec<f32> = noise.iter().enumerate().map(|(i, &noise)| number(i / channels, noise)).collect();
    let (w, bias) = (Memory::of(&vec![1.0; channels]), Memory::of(&vec![0.0; channels]));
    Problem { shape, epilogue: Epilogue::default(), x: Memory::of(&x), w, bias }
}

#[test]
fn a_large_mean_and_lines_far_from_others_take_no_digits_from_a_variance() {
    for [lines, channels] in [[9000, 24], [3000, 144], [392, 1280]] {
        let check = |what: &str, number: &dyn Fn(usize, f32) -> f32| {
            check(&passed_on(lines, channels, number), what);
        };
        check("next to 1000", &|_, noise| 1000.0 + (noise * 8.0).round() / 1024.0);
        check("all the same", &|_, _| 0.1);
        for far in [1, 2, 7, 14, 15, 100, lines - 1] {
            check("far at first", &|line, noise| noise / 64.0 + if line < far { 1e5 } else { 0.0 });
            check("far later", &|line, noise| noise / 64.0 + if line < far { 0.0 } else { -3e7 });
        }
        check("farther and farther", &|line, noise| line as f32 * 10.0 + noise);
        check("much farther", &|line, _| (line as f32).exp2().min(1e15));
        check("in turns", &|line, noise| noise + if line % 2 == 0 { 1e4 } else { -1e4 });
        check("now and then", &|line, noise| noise + if line % 128 == 0 { 1e6 } else { 7.0 });
    }
}

#[test]
fn a_channel_that_is_not_finite_leaves_the_others_alone() {
    let (lines, channels) = (700, 24);
    for isa in available() {
        let of = |number: &dyn Fn(usize) -> f32| {
            let mut problem = passed_on(lines, channels, |_, noise| noise);
            let mut x = problem.x.values().to_vec();
            (0..lines).for_each(|line| x[line * channels + 5] = number(line));
            problem.x = Memory::of(&x);
            compute(isa, &problem, true, Order::Forward)
        };
        let expected = of(&|_| 1.0);
        for (place, value) in [(0, f32::INFINITY), (lines - 1, f32::NEG_INFINITY), (lines / 2, f32::NAN)] {
            let found = of(&|line| if line == place { value } else { 1.0 });
            assert!(!found[1][5].is_finite() && found[2][5].is_nan(), "{} {value}", isa.name());
            for (found, expected) in found.iter().zip(&expected).skip(1) {
                assert!(found[..5] == expected[..5] && found[6..] == expected[6..], "{} {value}", isa.name());
            }
        }
    }
}
