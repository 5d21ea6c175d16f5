//! Winograd's algorithm against double-precision loops.
//!
//! Its bound: an error is at most 8 ε times what the same computation gives with the magnitudes of
//! all numbers, those of the transforms' matrices too. That is `|Aᵀ| [(|G| |w| |Gᵀ|) ⊙ (|Bᵀ| |x| |B|)] |A|`
//! summed over channels, and its transpose for the kernel's gradient.

mod convolution;
mod support;

use convolution::{Problem, compute, general, oracle, problem, valid};
use fovea_kernels::conv::{Algorithm, ConvShape, Form, LineForm};
use fovea_kernels::gemm::{Activation, Epilogue};
use fovea_kernels::routine::Floats;
use support::{FLOATS, Order, activated, available, bound};

type Matrix = Vec<Vec<f64>>;

/// `|Bᵀ|`, `|G|` and `|Aᵀ|` along one axis: of few points after Lavin and Gray.
struct Magnitudes {
    input: Matrix,
    kernel: Matrix,
    output: Matrix,
}

impl Magnitudes {
    /// F(outputs, taps).
    fn of(outputs: usize, taps: usize) -> Magnitudes {
        let rows = |rows: &[&[f64]]| rows.iter().map(|row| row.to_vec()).collect();
        match (outputs, taps) {
            (1, 1) => Magnitudes { input: rows(&[&[1.]]), kernel: rows(&[&[1.]]), output: rows(&[&[1.]]) },
            (2, 3) => Magnitudes {
                input: rows(&[&[1., 0., 1., 0.], &[0., 1., 1., 0.], &[0., 1., 1., 0.], &[0., 1., 0., 1.]]),
                kernel: rows(&[&[1., 0., 0.], &[0.5, 0.5, 0.5], &[0.5, 0.5, 0.5], &[0., 0., 1.]]),
                output: rows(&[&[1., 1., 1., 0.], &[0., 1., 1., 1.]]),
            },
            (4, 3) => Magnitudes {
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
            (2, 5) => Magnitudes {
                kernel: rows(&[
                    &[1. / 4., 0., 0., 0., 0.],
                    &[1. / 6., 1. / 6., 1. / 6., 1. / 6., 1. / 6.],
                    &[1. / 6., 1. / 6., 1. / 6., 1. / 6., 1. / 6.],
                    &[1. / 24., 1. / 12., 1. / 6., 1. / 3., 2. / 3.],
                    &[1. / 24., 1. / 12., 1. / 6., 1. / 3., 2. / 3.],
                    &[0., 0., 0., 0., 1.],
                ]),
                output: rows(&[&[1., 1., 1., 1., 1., 0.], &[0., 1., 1., 2., 2., 1.]]),
                ..Magnitudes::of(4, 3)
            },
            (4, 7) => Magnitudes::of_points(&[0., 0.5, -0.5, 0.75, -0.75, 1.25, -1.25, 2.5, -2.5], 4, 7),
            _ => panic!("no F({outputs}, {taps})"),
        }
    }

    /// After Toom and Cook: a product of polynomials from its values at points, infinity the last. `Bᵀ` has as rows the
    /// products `Π (x − q)` over the other points, `G` the powers of a point over the product's value there.
    fn of_points(points: &[f64], outputs: usize, taps: usize) -> Magnitudes {
        let product = |left_out: usize| {
            let others = points.iter().enumerate().filter(|&(at, _)| at != left_out);
            let mut product = others.fold(vec![1.0], |product, (_, q)| {
                let raised = [&[0.0][..], &product].concat();
                let scaled = product.iter().map(|c| -q * c).chain([0.0]);
                raised.iter().zip(scaled).map(|(a, b)| a + b).collect()
            });
            product.resize(points.len() + 1, 0.0);
            product
        };
        let powers = |count: usize| (0..count).map(|power| points.iter().map(move |p| p.powi(power as i32)));
        let value = |at: usize| {
            let others = points.iter().enumerate().filter(|&(other, _)| other != at);
            others.map(|(_, q)| points[at] - q).product::<f64>()
        };
        let last = |length: usize| (0..length).map(move |at| if at + 1 == length { 1.0 } else { 0.0 });
        let weights = |at: usize| (0..taps).map(|tap| points[at].powi(tap as i32) / value(at)).collect();
        let output = powers(outputs).zip(last(outputs)).map(|(row, last)| row.chain([last]).collect());
        let positive = |matrix: Matrix| -> Matrix {
            matrix.into_iter().map(|row| row.into_iter().map(f64::abs).collect()).collect()
        };
        Magnitudes {
            input: positive((0..=points.len()).map(product).collect()),
            kernel: positive((0..points.len()).map(weights).chain([last(taps).collect()]).collect()),
            output: positive(output.collect()),
        }
    }

    /// Along both axes.
    fn along(form: Form) -> [Magnitudes; 2] {
        [0, 1].map(|axis| Magnitudes::of(form.outputs()[axis], form.taps()[axis]))
    }
}

fn transposed(matrix: &Matrix) -> Matrix {
    (0..matrix[0].len()).map(|column| matrix.iter().map(|row| row[column]).collect()).collect()
}

/// `down · area · acrossᵀ`, the areas row by row.
fn both_sides([down, across]: [&Matrix; 2], area: &[f64]) -> Vec<f64> {
    let (width, columns) = (across[0].len(), across.len());
    let mut result = vec![0.0; down.len() * columns];
    for (index, value) in result.iter_mut().enumerate() {
        for (at, element) in area.iter().enumerate() {
            *value += down[index / columns][at / width] * element * across[index % columns][at % width];
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
    /// The magnitudes of an area from `row`, `column` on; zero outside.
    fn area(
        &self,
        image: usize,
        [row, column]: [isize; 2],
        [height, width]: [usize; 2],
        channel: usize,
    ) -> Vec<f64> {
        let [h, w, c] = self.sides;
        let inside = |at: isize, end: usize| usize::try_from(at).ok().filter(|&at| at < end);
        (0..height * width)
            .map(|at| {
                let (y, x) = (row + (at / width) as isize, column + (at % width) as isize);
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
    let magnitudes = Magnitudes::along(form);
    let (m, r, [oh, ow, co]) = (form.outputs(), form.inputs(), output);
    let [inputs, weights, outputs]: [fn(&Magnitudes) -> &Matrix; 3] =
        [|m| &m.input, |m| &m.kernel, |m| &m.output];
    let mut result = vec![0.0; images * oh * ow * co];
    let kernels: Vec<Vec<f64>> = (0..source.sides[2] * co)
        .map(|pair| both_sides(magnitudes.each_ref().map(weights), &kernel(pair / co, pair % co)))
        .collect();
    for (image, y, x) in tiles(images, [oh, ow], m) {
        let corner = [y as isize - pad[0] as isize, x as isize - pad[1] as isize];
        let patches: Vec<Vec<f64>> = (0..source.sides[2])
            .map(|channel| {
                both_sides(magnitudes.each_ref().map(inputs), &source.area(image, corner, r, channel))
            })
            .collect();
        for filter in 0..co {
            let mut points = vec![0.0; form.points()];
            for (channel, patch) in patches.iter().enumerate() {
                let kernel = &kernels[channel * co + filter];
                points.iter_mut().enumerate().for_each(|(at, sum)| *sum += patch[at] * kernel[at]);
            }
            for (at, value) in both_sides(magnitudes.each_ref().map(outputs), &points).into_iter().enumerate()
            {
                let (y, x) = (y + at / m[1], x + at % m[1]);
                if y < oh && x < ow {
                    result[((image * oh + y) * ow + x) * co + filter] = value;
                }
            }
        }
    }
    result
}

fn tiles(
    images: usize,
    [h, w]: [usize; 2],
    [height, width]: [usize; 2],
) -> impl Iterator<Item = (usize, usize, usize)> {
    let rows = move |image| (0..h).step_by(height).map(move |y| (image, y));
    (0..images).flat_map(rows).flat_map(move |(image, y)| (0..w).step_by(width).map(move |x| (image, y, x)))
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
    let pad = [0, 1].map(|axis| form.taps()[axis] - 1 - s.pad[axis]);
    let dx = correlation(form, &g, x.sides, s.n, pad, turned);

    let matrices = Magnitudes::along(form);
    let (m, r) = (form.outputs(), form.inputs());
    let spread = matrices.each_ref().map(|along| transposed(&along.output));
    let back = matrices.each_ref().map(|along| transposed(&along.kernel));
    let mut dw = vec![0.0; w.len()];
    for pair in 0..s.c * s.co {
        let (i, o) = (pair / s.co, pair % s.co);
        let mut points = vec![0.0; form.points()];
        for (image, y, x_at) in tiles(s.n, [s.oh, s.ow], m) {
            let corner = [y as isize - s.pad[0] as isize, x_at as isize - s.pad[1] as isize];
            let input =
                both_sides(matrices.each_ref().map(|along| &along.input), &x.area(image, corner, r, i));
            let gradient = both_sides(spread.each_ref(), &g.area(image, [y as isize, x_at as isize], m, o));
            points.iter_mut().enumerate().for_each(|(at, sum)| *sum += input[at] * gradient[at]);
        }
        for (at, value) in both_sides(back.each_ref(), &points).into_iter().enumerate() {
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
    for form in Form::ALL.into_iter().filter(|form| form.taps() == [shape.kh, shape.kw]) {
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

/// The kernels that some form has.
const TAPS: [[usize; 2]; 6] = [[3, 3], [5, 5], [3, 1], [1, 3], [7, 1], [1, 7]];

fn padded(x: [usize; 4], [kh, kw]: [usize; 2], filters: usize, pad: [usize; 4]) -> ConvShape {
    general(x, [kh, kw, filters], [1, 1], [1, 1], pad, 1)
}

/// Padded so that the output is as large as the input.
fn same(x: [usize; 4], [kh, kw]: [usize; 2], filters: usize) -> ConvShape {
    padded(x, [kh, kw], filters, [kh / 2, kw / 2, kh / 2, kw / 2])
}

#[test]
fn tiles_that_fit_and_tiles_that_stick_out() {
    for taps in TAPS {
        let ([half_down, half], [full_down, full]) = (taps.map(|taps| taps / 2), taps.map(|taps| taps - 1));
        for side in 1..=9 {
            check(same([2, side, 10 - side, 5], taps, 6));
            check(padded([1, side, 4, 3], taps, 2, [full_down, full, full_down, full]));
        }
        check(padded([1, 7, 8, 4], taps, 3, [0, full, half_down, 0]));
        check(padded([3, 8, 9, 2], taps, 3, [full_down, 0, 0, half]));
        check(padded([2, 9, 8, 2], taps, 3, [half_down, full, 0, 0]));
        check(valid([2, 8, 11, 3], [taps[0], taps[1], 4]));
        check(valid([1, taps[0], taps[1], 1], [taps[0], taps[1], 1]));
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
    let allowed = |form| match form {
        Form::F2_3 => 1e-6,
        Form::Line(_, LineForm::F4_3) => 2e-6,
        Form::F4_3 | Form::F2_5 | Form::Line(_, LineForm::F4_7) => 4e-6,
    };
    for (form, allowed) in Form::ALL.map(|form| (form, allowed(form))) {
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
