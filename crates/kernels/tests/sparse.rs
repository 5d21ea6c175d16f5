//! Products that leave the zeros of A out, against double-precision loops and against themselves.

mod support;

use fovea_kernels::gemm::{Activation, Epilogue, Gate, GemmSpec, product};
use fovea_kernels::isa::Isa;
use fovea_kernels::routine::{Float, Operands, Routine};
use support::{Memory, Order, Sum, Values, assert_close, available, drive};

struct Problem {
    spec: GemmSpec,
    a: Vec<f32>,
    b: Vec<f32>,
    bias: Vec<f32>,
    addend: Vec<f32>,
    gate: Vec<f32>,
}

/// With so many percent of A not zero, and zeros of both signs.
fn problem(spec: GemmSpec, percentage: usize) -> Problem {
    let GemmSpec { m, n, k, .. } = spec;
    let mut values = Values::new((m * 31 + n * 7 + k + percentage) as u64);
    let mut a = values.floats(m * k);
    let others = a.iter_mut().enumerate().filter(|(index, _)| index * 37 % 100 >= percentage);
    others.for_each(|(index, value)| *value = [0.0, -0.0][index % 2]);
    Problem {
        spec,
        a,
        b: values.floats(k * n),
        bias: values.floats(n),
        addend: values.floats(m * n),
        gate: values.floats(m * n),
    }
}

/// Which element of A stands in this row at this step.
fn place(spec: &GemmSpec, row: usize, step: usize) -> usize {
    if spec.a_transposed { step * spec.m + row } else { row * spec.k + step }
}

fn planned(isa: Isa, spec: GemmSpec) -> Box<dyn Routine> {
    let (routine, how) = product(isa, spec);
    assert!(how.leaves_zeros(), "{spec} never leaves zeros out");
    routine
}

fn compute(isa: Isa, problem: &Problem, order: Order) -> Vec<f32> {
    let routine = planned(isa, problem.spec);
    let [a, b, bias, addend, gate] =
        [&problem.a, &problem.b, &problem.bias, &problem.addend, &problem.gate].map(|v| Memory::of(v));
    let c = Memory::uninit(problem.spec.m * problem.spec.n);
    drive(routine.phases(), routine.temp(), order, |phase, chunk, temp, scratch| {
        let at = Operands {
            inputs: [a.ptr(), b.ptr()].map(|input| input.cast_const()),
            bias: bias.ptr(),
            addend: addend.ptr(),
            gate: gate.ptr().cast_const().cast(),
            output: c.ptr(),
            temp,
            scratch,
            ..Operands::NONE
        };
        // SAFETY: the buffers have the sizes of the spec.
        unsafe { routine.run(phase, chunk, &at) };
    });
    c.assert_guards("c");
    c.values().to_vec()
}

/// The sums, bias and addend among them; where the gate is shut, nothing.
fn oracle(problem: &Problem) -> Vec<Sum> {
    let Problem { spec, a, b, bias, addend, gate } = problem;
    let &GemmSpec { m, n, k, b_transposed, epilogue, .. } = spec;
    let mut sums = Vec::with_capacity(m * n);
    for row in 0..m {
        for column in 0..n {
            let mut sum = Sum::default();
            for step in 0..k {
                let b = if b_transposed { b[column * k + step] } else { b[step * n + column] };
                sum.add(a[place(spec, row, step)], b);
            }
            let at = row * n + column;
            let joined = [(epilogue.bias, bias[column]), (epilogue.addend, addend[at])];
            joined.iter().filter(|(is, _)| *is).for_each(|&(_, value)| sum.add(value, 1.0));
            let shut = epilogue.gate == Gate::Relu && gate[at] <= 0.0;
            sums.push(if shut { Sum::default() } else { sum });
        }
    }
    sums
}

fn check(spec: GemmSpec, percentage: usize) {
    let problem = problem(spec, percentage);
    let expected = oracle(&problem);
    for isa in available() {
        let what = format!("{} {spec} of {percentage} % {:?}", isa.name(), spec.epilogue);
        let first = compute(isa, &problem, Order::Shuffled(1));
        assert_close(&first, &expected, Float::F32, spec.epilogue.activation, &what);
        for order in [Order::Forward, Order::Backward] {
            let again = compute(isa, &problem, order);
            let same = first.iter().zip(&again).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same, "{what}: the order of the chunks changes the result");
        }
    }
}

/// As it is, with A transposed, and with B transposed.
fn forms(spec: GemmSpec) -> [GemmSpec; 3] {
    [spec, GemmSpec { a_transposed: true, ..spec }, GemmSpec { b_transposed: true, ..spec }]
}

#[test]
fn all_forms_with_few_zeros_and_with_many() {
    for (m, n, k) in [(64, 1024, 300), (33, 517, 1001)] {
        for percentage in [0, 10, 50, 59, 61, 66, 68, 100] {
            forms(GemmSpec::new(m, n, k)).into_iter().for_each(|spec| check(spec, percentage));
        }
    }
}

#[test]
fn edges_of_rows_columns_and_steps() {
    for n in [512, 527, 528, 529, 600, 1025] {
        forms(GemmSpec::new(50, n, 703)).into_iter().for_each(|spec| check(spec, 40));
    }
    for k in [500, 511, 512, 513, 640] {
        forms(GemmSpec::new(61, 575, k)).into_iter().for_each(|spec| check(spec, 40));
    }
    // Short sums of many rows.
    for k in [32, 33, 63, 64, 65] {
        check(GemmSpec { a_transposed: true, ..GemmSpec::new(977, 530, k) }, 40);
        check(GemmSpec::new(1030, 512, k), 40);
    }
}

#[test]
fn what_follows_the_sums() {
    let activations = [Activation::None, Activation::Relu, Activation::Relu6];
    for (activation, gate) in activations.into_iter().zip([Gate::Relu, Gate::None, Gate::Relu]) {
        for (bias, addend) in [(true, false), (false, true), (true, true)] {
            let epilogue = Epilogue { bias, addend, activation, gate, ..Epilogue::default() };
            let spec = GemmSpec { epilogue, ..GemmSpec::new(40, 600, 700) };
            forms(spec).into_iter().for_each(|spec| check(spec, 30));
        }
    }
}

#[test]
fn zeros_are_left_out_where_there_are_enough() {
    // What is infinite in B makes NaN of a zero that is multiplied.
    for spec in forms(GemmSpec::new(64, 512, 512)) {
        let some = !spec.b_transposed;
        for (percentage, leaves) in [(0, true), (59, true), (63, some), (66, some), (69, false), (99, false)]
        {
            let mut problem = problem(spec, percentage);
            problem.b.fill(f32::INFINITY);
            problem.a.iter_mut().for_each(|value| *value = value.abs());
            for isa in available() {
                let c = compute(isa, &problem, Order::Forward);
                let left = c.iter().all(|value| !value.is_nan());
                assert_eq!(left, leaves, "{} {spec} of {percentage} %", isa.name());
            }
        }
    }
}

#[test]
fn rows_of_zeros_are_zero_and_nan_and_infinity_are_kept() {
    for spec in forms(GemmSpec::new(64, 512, 512)) {
        let mut problem = problem(spec, 30);
        for step in 0..spec.k {
            problem.a[place(&spec, 7, step)] = 0.0;
            problem.a[place(&spec, 63, step)] = 0.0;
        }
        problem.a[place(&spec, 5, 511)] = f32::NAN;
        problem.a[place(&spec, 6, 0)] = f32::INFINITY;
        problem.b.iter_mut().for_each(|value| *value = value.abs() + 1.0);
        for isa in available() {
            let c = compute(isa, &problem, Order::Forward);
            let row = |row: usize| &c[row * spec.n..(row + 1) * spec.n];
            assert!([7, 63].into_iter().all(|at| row(at).iter().all(|&value| value == 0.0)));
            assert!(row(5).iter().all(|value| value.is_nan()));
            assert!(row(6).iter().all(|&value| value == f32::INFINITY));
            assert!(row(8).iter().all(|value| value.is_finite()));
        }
    }
}

#[test]
fn small_products_have_no_lists() {
    for spec in [
        GemmSpec::new(31, 1024, 1600),
        GemmSpec::new(64, 511, 1600),
        GemmSpec::new(64, 512, 31),
        GemmSpec { batch: 2, b_batched: true, ..GemmSpec::new(64, 1024, 1600) },
    ] {
        assert!(!product(Isa::Portable, spec).1.leaves_zeros(), "{spec}");
    }
}
