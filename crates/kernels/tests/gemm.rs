//! Matrix products against double-precision loops.

mod support;

use fovea_kernels::gemm::{Activation, Epilogue, GemmSpec, product};
use fovea_kernels::isa::Isa;
use fovea_kernels::routine::Operands;
use support::{FLOATS, Memory, Order, Sum, Values, assert_close, available, drive, held, inputs_of};

struct Problem {
    spec: GemmSpec,
    a: Vec<f32>,
    b: Vec<f32>,
    bias: Vec<f32>,
}

fn problem(spec: GemmSpec) -> Problem {
    let mut values = Values::new((spec.m * 31 + spec.n * 7 + spec.k) as u64);
    let batches = |batched: bool| if batched { spec.batch } else { 1 };
    let mut input = |len: usize| held(spec.floats.inputs, values.floats(len));
    Problem {
        a: input(spec.m * spec.k * batches(spec.a_batched)),
        b: input(spec.k * spec.n * batches(spec.b_batched)),
        bias: values.floats(spec.n),
        spec,
    }
}

fn compute(isa: Isa, problem: &Problem, order: Order) -> Vec<f32> {
    let Problem { spec, a, b, bias } = problem;
    let (gemm, _) = product(isa, *spec);
    let [a, b] = [a, b].map(|values| Memory::holding(spec.floats.inputs, values));
    let (bias, size) = (Memory::of(bias), spec.batch * spec.m * spec.n);
    let c = Memory::elements(spec.floats.output, size);
    let none = Memory::uninit(problem.a.len().max(problem.b.len()));
    let bias = if spec.epilogue.bias { bias.ptr().cast_const() } else { std::ptr::null() };
    drive(gemm.phases(), gemm.temp(), order, |phase, chunk, temp, scratch| {
        let inputs = inputs_of(&*gemm, phase, [&a, &b], &none);
        let at = Operands { inputs, bias, output: c.ptr(), temp, scratch, ..Operands::NONE };
        // SAFETY: the buffers have the sizes of the spec.
        unsafe { gemm.run(phase, chunk, &at) };
    });
    c.assert_guards("c");
    c.read(spec.floats.output, size)
}

fn oracle(problem: &Problem) -> Vec<Sum> {
    let Problem { spec, a, b, bias } = problem;
    let &GemmSpec { m, n, k, .. } = spec;
    let mut c = vec![Sum::default(); spec.batch * m * n];
    for batch in 0..spec.batch {
        let a = if spec.a_batched { &a[batch * m * k..] } else { &a[..] };
        let b = if spec.b_batched { &b[batch * k * n..] } else { &b[..] };
        for row in 0..m {
            for column in 0..n {
                let sum = &mut c[(batch * m + row) * n + column];
                for step in 0..k {
                    let a = if spec.a_transposed { a[step * m + row] } else { a[row * k + step] };
                    let b = if spec.b_transposed { b[column * k + step] } else { b[step * n + column] };
                    sum.add(a, b);
                }
                if spec.epilogue.bias {
                    sum.add(bias[column], 1.0);
                }
            }
        }
    }
    c
}

fn check(spec: GemmSpec) {
    FLOATS.into_iter().for_each(|floats| check_floats(GemmSpec { floats, ..spec }));
}

fn check_floats(spec: GemmSpec) {
    let problem = problem(spec);
    let expected = oracle(&problem);
    for isa in available() {
        let what = format!("{} {spec:?}", isa.name());
        let first = compute(isa, &problem, Order::Shuffled(1));
        assert_close(&first, &expected, spec.floats.output, spec.epilogue.activation, &what);
        for order in [Order::Forward, Order::Backward] {
            let again = compute(isa, &problem, order);
            let same = first.iter().zip(&again).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same, "{what}: the order of the chunks changes the result");
        }
    }
}

/// All four transpositions, with and without bias and activations.
fn check_forms(spec: GemmSpec) {
    for form in 0..8 {
        let flag = |bit: usize| form >> bit & 1 == 1;
        for activation in [Activation::None, Activation::Relu, Activation::Relu6] {
            check(GemmSpec {
                a_transposed: flag(0),
                b_transposed: flag(1),
                epilogue: Epilogue { bias: flag(2), activation, ..Epilogue::default() },
                ..spec
            });
        }
    }
}

#[test]
fn every_tail_of_rows_and_lanes() {
    for size in 1..=34 {
        check_forms(GemmSpec::new(size, 3, 5));
        check_forms(GemmSpec::new(3, size, 7));
        check_forms(GemmSpec::new(size, size + 1, 2));
    }
}

#[test]
fn empty_sizes() {
    for (m, n, k) in [(0, 3, 2), (3, 0, 2), (3, 5, 0), (0, 0, 0), (33, 40, 0), (1, 1, 1)] {
        check_forms(GemmSpec::new(m, n, k));
    }
}

#[test]
fn sums_longer_than_a_cache_block() {
    for (m, n, k) in [(5, 37, 513), (70, 100, 300), (1, 100, 777), (50, 1, 600), (64, 10, 1024)] {
        check_forms(GemmSpec::new(m, n, k));
    }
}

#[test]
fn products_cut_into_many_chunks() {
    let sizes =
        [(260, 140, 270), (500, 33, 400), (40, 700, 200), (64, 576, 400), (900, 600, 20), (30, 70, 1024)];
    for (m, n, k) in sizes {
        check(GemmSpec::new(m, n, k));
        check(GemmSpec { a_transposed: true, ..GemmSpec::new(m, n, k) });
        check(GemmSpec { b_transposed: true, ..GemmSpec::new(m, n, k) });
        check(GemmSpec { a_transposed: true, b_transposed: true, ..GemmSpec::new(m, n, k) });
    }
}

#[test]
fn long_sums_of_few_rows_are_cut() {
    let epilogue = Epilogue { bias: true, activation: Activation::Relu6, ..Epilogue::default() };
    // Those that are not odd are long enough in pairs too.
    for (m, n, k) in [(1, 1030, 8200), (5, 260, 32_600), (30, 2100, 2001), (3, 65, 65_001), (2, 65, 129_062)]
    {
        check(GemmSpec::new(m, n, k));
        check(GemmSpec { epilogue, ..GemmSpec::new(m, n, k) });
    }
}

#[test]
fn batches_shared_or_not() {
    for form in 0..16 {
        let flag = |bit: usize| form >> bit & 1 == 1;
        for (m, n, k) in [(7, 19, 11), (3, 40, 5), (1, 17, 33)] {
            check(GemmSpec {
                batch: 3,
                a_batched: flag(0),
                b_batched: flag(1),
                a_transposed: flag(2),
                b_transposed: flag(3),
                epilogue: Epilogue { bias: true, activation: Activation::Relu, ..Epilogue::default() },
                ..GemmSpec::new(m, n, k)
            });
        }
    }
    check(GemmSpec { batch: 0, a_batched: true, b_batched: true, ..GemmSpec::new(3, 4, 5) });
}

#[test]
fn activations_keep_nan() {
    let cases = [Activation::Relu, Activation::Relu6].map(|a| [(a, false), (a, true)]);
    for (activation, b_transposed) in cases.into_iter().flatten() {
        let epilogue = Epilogue { activation, ..Epilogue::default() };
        let spec = GemmSpec { epilogue, b_transposed, ..GemmSpec::new(1, 40, 1) };
        let problem = Problem { spec, a: vec![f32::NAN], b: vec![1.0; 40], bias: Vec::new() };
        for isa in available() {
            assert!(compute(isa, &problem, Order::Forward).iter().all(|value| value.is_nan()));
        }
    }
}
