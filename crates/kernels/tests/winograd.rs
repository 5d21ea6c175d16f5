//! Winograd's algorithm against double-precision loops.
//!
//! Its bound: an error is at most 8 ε times what the same computation gives with the magnitudes of
//! all numbers, those of the transforms' matrices too. That is `|Aᵀ| [(|G| |w| |Gᵀ|) ⊙ (|Bᵀ| |x| |B|)] |A|`
//! summed over channels, and its transpose for the kernel's gradient.

mod convolution;
mod support;

use convolution::{Problem, compute, general, oracle, problem, valid};
use fovea_kernels::conv::{Algorithm, ConvShape, Form};
use fovea_kernels::gemm::{Activation, Epilogue};
use fovea_kernels::routine::Floats;
use support::{FLOATS, Order, activated, available, bound};

/// `|Bᵀ|`, `|G|` and `|Aᵀ|`, after Lavin and Gray.
struct Magnitudes {
    input: Vec<Vec<f64>>,
    kernel: Vec<Vec<f64>>,
    output: Vec<Vec<f64>>,
}

impl Magnitudes {
    fn of(form: Form) -> Magnitudes {
        let rows = |rows: &[&[f64]]| rows.iter().map(|row| row.to_vec()).collect();
        match form {
            Form::F2_3 => Magnitudes {
                input: rows(&[&[1., 0., 1., 0.], &[0., 1., 1., 0.], &[0., 1., 1., 0.], &[0., 1., 0., 1.]]),
                kernel: rows(&[&[1., 0., 0.], &[0.5, 0.5, 0.5], &[0.5, 0.5, 0.5], &[0., 0., 1.]]),
                output: rows(&[&[1., 1., 1., 0.], &[0., 1., 1., 1.]]),
            },
            Form::F4_3 => Magnitudes {
                input: rows(&[
                    &[4., 0., 5., 0., 1., 0.],
                    &[0., 4., 4., 1., 1., 0.],
                    &[0., 4., 4., 1., 1., 0.],
                    &[0., 2., 1., 2., 1., 0.],
                    &[0., 2., 1., 2., 1., 0.],
                    &[0., 4., 0., 5., 0., 1.],
                ]),
                kernel: rows(&[
                    &[1. / 4., 0., 0.],
                    &[1. / 6., 1. / 6., 1. / 6.],
                    &[1. / 6., 1. / 6., 1. / 6.],
                    &[1. / 24., 1. / 12., 1. / 6.],
                    &[1. / 24., 1. / 12., 1. / 6.],
                    &[0., 0., 1.],
                ]),
                output: rows(&[
                    &[1., 1., 1., 1., 1., 0.],
                    &[0., 1., 1., 2., 2., 0.],
                    &[0., 1., 1., 4., 4., 0.],
                    &[0., 1., 1., 8., 8., 1.],
                ]),
            },
            // The points of F(4, 3), and so its input's matrix.
            Form::F2_5 => Magnitudes {
                kernel: rows(&[
                    &[1. / 4., 0., 0., 0., 0.],
                    &[1. / 6., 1. / 6., 1. / 6., 1. / 6., 1. / 6.],
                    &[1. / 6., 1. / 6., 1. / 6., 1. / 6., 1. / 6.],
                    &[1. / 24., 1. / 12., 1. / 6., 1. / 3., 2. / 3.],
                    &[1. / 24., 1. / 12., 1. / 6., 1. / 3., 2. / 3.],
                    &[0., 0., 0., 0., 1.],
                ]),
                output: rows(&[&[1., 1., 1., 1., 1., 0.], &[0., 1., 1., 2., 2., 1.]]),
                ..Magnitudes::of(Form::F4_3)
            },
        }
    }
}

fn transposed(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    (0..matrix[0].len()).map(|column| matrix.iter().map(|row| row[column]).collect()).collect()
}

/// `matrix · square · matrixᵀ`, the squares row by row.
fn both_sides(matrix: &[Vec<f64>], square: &[f64]) -> Vec<f64> {
    let (rows, side) = (matrix.len(), matrix[0].len());
    let mut result = vec![0.0; rows * rows];
    for (index, value) in result.iter_mut().enumerate() {
        for at in 0..side * side {
            *value += matrix[index / rows][at / side] * square[at] * matrix[index % rows][at % side];
        }
    }
    result
}

/// A tensor `[n, h, w, c]`.
struct Image<'a> {
    values: &'a [f32],
    sides: [usize; 3],
}

impl Image<'_> {
    /// The magnitudes of a square from `row`, `column` on; zero outside.
    fn square(&self, image: usize, [row, column]: [isize; 2], side: usize, channel: usize) -> Vec<f64> {
        let [h, w, c] = self.sides;
        let inside = |at: isize, end: usize| usize::try_from(at).ok().filter(|&at| at < end);
        (0..side * side)
            .map(|at| {
                let (y, x) = (row + (at / side) as isize, column + (at % side) as isize);
                let (Some(y), Some(x)) = (inside(y, h), inside(x, w)) else { return 0.0 };
                f64::from(self.values[((image * h + y) * w + x) * c + channel].abs())
            })
            .collect()
    }
}

/// What a correlation of `source` with `kernel(channel, filter)` gives with magnitudes.
fn correlation(
    form: Form,
    source: &Image,
    output: [usize; 3],
    images: usize,
    pad: [usize; 2],
    kernel: impl Fn(usize, usize) -> Vec<f64>,
) -> Vec<f64> {
    let magnitudes = Magnitudes::of(form);
    let (m, r, [oh, ow, co]) = (form.outputs(), form.inputs(), output);
    let mut result = vec![0.0; images * oh * ow * co];
    let kernels: Vec<Vec<f64>> = (0..source.sides[2] * co)
        .map(|pair| both_sides(&magnitudes.kernel, &kernel(pair / co, pair % co)))
        .collect();
    for (image, y, x) in tiles(images, [oh, ow], m) {
        let corner = [y as isize - pad[0] as isize, x as isize - pad[1] as isize];
        let patches: Vec<Vec<f64>> = (0..source.sides[2])
            .map(|channel| both_sides(&magnitudes.input, &source.square(image, corner, r, channel)))
            .collect();
        for filter in 0..co {
            let mut points = vec![0.0; form.points()];
            for (channel, patch) in patches.iter().enumerate() {
                let kernel = &kernels[channel * co + filter];
                points.iter_mut().enumerate().for_each(|(at, sum)| *sum += patch[at] * kernel[at]);
            }
            for (at, value) in both_sides(&magnitudes.output, &points).into_iter().enumerate() {
                let (y, x) = (y + at / m, x + at % m);
                if y < oh && x < ow {
                    result[((image * oh + y) * ow + x) * co + filter] = value;
                }
            }
        }
    }
    result
}

fn tiles(images: usize, [h, w]: [usize; 2], m: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    let rows = move |image| (0..h).step_by(m).map(move |y| (image, y));
    (0..images).flat_map(rows).flat_map(move |(image, y)| (0..w).step_by(m).map(move |x| (image, y, x)))
}

/// What the three computations give with magnitudes.
fn magnitudes(form: Form, problem: &Problem) -> [Vec<f64>; 3] {
    let Problem { shape: s, x, w, g, bias, epilogue, .. } = problem;
    let x = Image { values: x, sides: [s.h, s.w, s.c] };
    let g = Image { values: g, sides: [s.oh, s.ow, s.co] };
    let tap = |at: usize, i: usize, o: usize| f64::from(w[(at * s.c + i) * s.co + o].abs());
    let straight = |i: usize, o: usize| (0..form.weights()).map(|at| tap(at, i, o)).collect();
    let mut y = correlation(form, &x, g.sides, s.n, s.pad, straight);
    if epilogue.bias {
        y.iter_mut().enumerate().for_each(|(at, y)| *y += f64::from(bias[at % s.co].abs()));
    }
    let turned = |o: usize, i: usize| (0..form.weights()).rev().map(|at| tap(at, i, o)).collect();
    let dx = correlation(form, &g, x.sides, s.n, s.pad.map(|pad| form.taps() - 1 - pad), turned);

    let matrices = Magnitudes::of(form);
    let (m, r) = (form.outputs(), form.inputs());
    let (spread, back) = (transposed(&matrices.output), transposed(&matrices.kernel));
    let mut dw = vec![0.0; w.len()];
    for pair in 0..s.c * s.co {
        let (i, o) = (pair / s.co, pair % s.co);
        let mut points = vec![0.0; form.points()];
        for (image, y, x_at) in tiles(s.n, [s.oh, s.ow], m) {
            let corner = [y as isize - s.pad[0] as isize, x_at as isize - s.pad[1] as isize];
            let input = both_sides(&matrices.input, &x.square(image, corner, r, i));
            let gradient = both_sides(&spread, &g.square(image, [y as isize, x_at as isize], m, o));
            points.iter_mut().enumerate().for_each(|(at, sum)| *sum += input[at] * gradient[at]);
        }
        for (at, value) in both_sides(&back, &points).into_iter().enumerate() {
            dw[(at * s.c + i) * s.co + o] = value;
        }
    }
    [y, dx, dw]
}

fn check_with(shape: ConvShape, epilogue: Epilogue) {
    FLOATS.into_iter().for_each(|floats| check_floats(shape, epilogue, floats));
}

fn check_floats(shape: ConvShape, epilogue: Epilogue, floats: Floats) {
    let problem = problem(shape, epilogue, floats);
    let expected = oracle(&problem);
    for form in Form::ALL.into_iter().filter(|form| form.taps() == shape.kh) {
        let bounds = magnitudes(form, &problem);
        for isa in available() {
            let algorithm = Algorithm::Winograd(form);
            let actual = compute(isa, algorithm, &problem, Order::Shuffled(1));
            let again = compute(isa, algorithm, &problem, Order::Backward);
            for (index, name) in ["forward", "input gradient", "kernel gradient"].into_iter().enumerate() {
                let what = format!("{} {algorithm} {name} {shape:?} {floats:?}", isa.name());
                let activation = if index == 0 { epilogue.activation } else { Activation::None };
                for (at, &value) in actual[index].iter().enumerate() {
                    assert_eq!(
                        value.to_bits(),
                        again[index][at].to_bits(),
                        "{what}: the order of chunks shows"
                    );
                    let exact = expected[index][at].value;
                    let exact = activated(activation, exact);
                    let bound =
                        bound(floats.output, exact, 8.0 * f64::from(f32::EPSILON) * bounds[index][at]);
                    let error = (f64::from(value) - exact).abs();
                    // Written so that a NaN fails.
                    assert!(error <= bound, "{what}: [{at}] is {value}, not {exact} (± {bound:e})");
                }
            }
        }
    }
}

fn check(shape: ConvShape) {
    check_with(shape, Epilogue::default());
}

/// The extents of kernels that some form has.
const TAPS: [usize; 2] = [3, 5];

fn padded(x: [usize; 4], taps: usize, filters: usize, pad: [usize; 4]) -> ConvShape {
    general(x, [taps, taps, filters], [1, 1], [1, 1], pad, 1)
}

/// Padded so that the output is as large as the input.
fn same(x: [usize; 4], taps: usize, filters: usize) -> ConvShape {
    padded(x, taps, filters, [taps / 2; 4])
}

#[test]
fn tiles_that_fit_and_tiles_that_stick_out() {
    for taps in TAPS {
        let (half, full) = (taps / 2, taps - 1);
        for side in 1..=9 {
            check(same([2, side, 10 - side, 5], taps, 6));
            check(padded([1, side, 4, 3], taps, 2, [full; 4]));
        }
        check(padded([1, 7, 6, 4], taps, 3, [0, full, half, 0]));
        check(padded([3, 8, 9, 2], taps, 3, [full, 0, 0, half]));
        check(valid([2, 6, 11, 3], [taps, taps, 4]));
        check(valid([1, taps, taps, 1], [taps, taps, 1]));
    }
}

#[test]
fn every_tail_of_channels() {
    for taps in TAPS {
        for channels in 1..=35 {
            check(same([1, 5, 4, channels], taps, 3));
            check(same([1, 4, 5, 2], taps, channels));
        }
        check(same([1, 4, 4, 70], taps, 100));
    }
}

#[test]
fn many_chunks_and_steps() {
    for taps in TAPS {
        check(same([3, 30, 34, 5], taps, 3));
        check(same([1, 4, 4, 300], taps, 3));
        check(same([1, 12, 12, 70], taps, 66));
        check(same([2, 45, 45, 2], taps, 5));
    }
}

#[test]
fn bias_and_activation() {
    for bias in [false, true] {
        for activation in [Activation::None, Activation::Relu, Activation::Relu6] {
            // So many channels that sums pass the bounds of all activations.
            let epilogue = Epilogue { bias, activation, ..Epilogue::default() };
            TAPS.into_iter().for_each(|taps| check_with(same([2, 6, 7, 24], taps, 37), epilogue));
        }
    }
}

/// Beside the bound, which holds for any numbers: on ordinary ones, errors are a few ε of the results.
#[test]
fn errors_on_ordinary_numbers_are_small() {
    for (form, allowed) in [(Form::F2_3, 1e-6), (Form::F4_3, 4e-6), (Form::F2_5, 4e-6)] {
        let problem = problem(same([1, 24, 24, 64], form.taps(), 32), Epilogue::default(), Floats::F32);
        let expected = oracle(&problem);
        for isa in available() {
            let actual = compute(isa, Algorithm::Winograd(form), &problem, Order::Forward);
            for (actual, expected) in actual.iter().zip(&expected) {
                let pairs = || actual.iter().zip(expected);
                let error: f64 = pairs().map(|(&a, e)| (f64::from(a) - e.value).powi(2)).sum();
                let size: f64 = pairs().map(|(_, e)| e.value.powi(2)).sum();
                let relative = (error / size).sqrt();
                assert!(relative <= allowed, "{} {form:?}: {relative:e} (root mean square)", isa.name());
            }
        }
    }
}
