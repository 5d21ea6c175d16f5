//! Products that run on into an elementwise program: the same bits as one after the other.

mod support;

use fovea_core::DType;
use fovea_kernels::gemm::{self, Activation, Epilogue, GemmSpec, Mapped, MappedOperands};
use fovea_kernels::isa::Isa;
use fovea_kernels::map::{Constant, Load, Loop, Map, MapProgram, Op2, Step, Store, strip2};
use fovea_kernels::routine::{Float, Floats, Operands};
use support::{Memory, Order, Values, available, drive, held};

struct Add;
impl Op2<f32, f32, f32> for Add {
    #[inline(always)]
    fn f(a: f32, b: f32) -> f32 {
        a + b
    }
}

struct Mul;
impl Op2<f32, f32, f32> for Mul {
    #[inline(always)]
    fn f(a: f32, b: f32) -> f32 {
        a * b
    }
}

/// Which load of the program is the product.
const PRODUCT: usize = 1;

/// `m' = rate·m + (p·p)·row`, `w' = column·(w + m') + 0.1`, and p itself, of loads w, p, m, row (one
/// number a column), column (one a row) and rate.
fn program(isa: Isa, shape: &[usize]) -> MapProgram {
    let rank = shape.len();
    let load = |sizes: &[usize]| {
        let mut strides = vec![0; rank];
        let mut run = 1;
        for axis in (0..rank).rev().filter(|&axis| sizes[axis] == shape[axis]) {
            strides[axis] = run;
            run *= shape[axis];
        }
        Load { dtype: DType::F32, strides }
    };
    let ones = vec![0; rank];
    let (mut row, mut column) = (ones.clone(), ones.clone());
    row[rank - 1] = shape[rank - 1];
    column[rank - 2] = shape[rank - 2];
    let (add, mul) =
        (Loop::Op(strip2::<Add, f32, f32, f32>(isa)), Loop::Op(strip2::<Mul, f32, f32, f32>(isa)));
    let step = |(i, (f, args)): (usize, (_, [u16; 2]))| Step {
        f,
        args: args.to_vec(),
        out: 7 + i as u16,
        dtype: DType::F32,
    };
    let steps = [
        (mul, [1, 1]),
        (mul, [7, 3]),
        (mul, [5, 2]),
        (add, [9, 8]),
        (add, [0, 10]),
        (mul, [4, 11]),
        (add, [12, 6]),
    ];
    MapProgram {
        shape: shape.to_vec(),
        loads: vec![load(shape), load(shape), load(shape), load(&row), load(&column), load(&ones)],
        constants: vec![Constant::of(0.1f32)],
        steps: steps.into_iter().enumerate().map(step).collect(),
        stores: [13, 10, 1].map(|reg| Store { reg, dtype: DType::F32 }).to_vec(),
        totals: vec![],
        sums: vec![],
    }
}

struct Problem {
    spec: GemmSpec,
    factors: [Vec<f32>; 2],
    bias: Vec<f32>,
    /// w, m, row, column, rate.
    others: [Vec<f32>; 5],
}

fn problem(spec: GemmSpec) -> Problem {
    let GemmSpec { m, n, k, batch, .. } = spec;
    let mut values = Values::new((m * 31 + n * 7 + k) as u64);
    let batches = |batched: bool| if batched { batch } else { 1 };
    let factors = [m * k * batches(spec.a_batched), k * n * batches(spec.b_batched)];
    let others = [batch * m * n, batch * m * n, n, m, 1];
    Problem {
        spec,
        factors: factors.map(|len| held(spec.floats.inputs, values.floats(len))),
        bias: values.floats(n),
        others: others.map(|len| values.floats(len)),
    }
}

impl Problem {
    fn shape(&self) -> Vec<usize> {
        vec![self.spec.batch, self.spec.m, self.spec.n]
    }

    fn factors(&self) -> [Memory; 2] {
        self.factors.each_ref().map(|factor| Memory::holding(self.spec.floats.inputs, factor))
    }

    fn bias(&self) -> *const f32 {
        if self.spec.epilogue.bias { self.bias.as_ptr() } else { std::ptr::null() }
    }

    /// The product in memory, and then the program.
    fn apart(&self, isa: Isa) -> [Vec<f32>; 3] {
        let len: usize = self.shape().iter().product();
        let product = Memory::uninit(len);
        let (gemm, _) = gemm::product(isa, self.spec);
        let factors = self.factors();
        drive(gemm.phases(), gemm.temp(), Order::Forward, |phase, chunk, temp, scratch| {
            let inputs = factors.each_ref().map(|factor| factor.ptr().cast_const());
            let (bias, output) = (self.bias(), product.ptr());
            let at = Operands { inputs, bias, output, temp, scratch, ..Operands::NONE };
            // SAFETY: the buffers have the sizes of the spec.
            unsafe { gemm.run(phase, chunk, &at) };
        });
        let map = Map::new(isa, program(isa, &self.shape()));
        let outputs = [0; 3].map(|_| Memory::uninit(len));
        let [w, m, row, column, rate] = self.others.each_ref().map(|other| other.as_ptr().cast::<u8>());
        let inputs = [w, product.ptr().cast_const().cast(), m, row, column, rate];
        let stores = outputs.each_ref().map(|output| output.ptr().cast());
        drive(map.phases(), map.temp(), Order::Forward, |phase, chunk, _, scratch| {
            // SAFETY: every operand has the elements of its load or store.
            unsafe { map.run(phase, chunk, &inputs, &stores, std::ptr::null_mut(), scratch) };
        });
        outputs.map(|output| output.values().to_vec())
    }

    /// Both in one, with w and m written where they lie.
    fn together(&self, mapped: &Mapped, order: Order) -> [Vec<f32>; 3] {
        let len: usize = self.shape().iter().product();
        let factors = self.factors();
        let bias = Memory::of(&self.bias);
        let others = self.others.each_ref().map(|other| Memory::of(other));
        let product = Memory::uninit(len);
        let loads = others.each_ref().map(|other| other.ptr().cast_const().cast());
        let stores = [&others[0], &others[1], &product].map(|output| output.ptr().cast());
        let bias = if self.bias().is_null() { self.bias() } else { bias.ptr() };
        drive(mapped.phases(), mapped.temp(), order, |phase, chunk, temp, scratch| {
            let factors = factors.each_ref().map(|factor| factor.ptr().cast_const());
            let at = MappedOperands { factors, bias, loads: &loads, stores: &stores, temp, scratch };
            // SAFETY: the buffers have the sizes of the spec; only those of the program are overwritten.
            unsafe { mapped.run(phase, chunk, &at) };
        });
        let outputs = [&others[0], &others[1], &product];
        outputs.iter().for_each(|output| output.assert_guards("an output"));
        outputs.map(|output| output.values().to_vec())
    }
}

fn bits(outputs: &[Vec<f32>; 3]) -> Vec<u32> {
    outputs.iter().flatten().map(|value| value.to_bits()).collect()
}

/// Of f32, and of bf16 with f32 sums where those are taken as they are.
fn check(spec: GemmSpec) {
    let pairs = GemmSpec { floats: Floats { inputs: Float::Bf16, output: Float::F32 }, ..spec };
    check_floats(spec);
    if Mapped::suits(&pairs) {
        check_floats(pairs);
    }
}

fn check_floats(spec: GemmSpec) {
    let problem = problem(spec);
    for isa in available() {
        let what = format!("{} {spec:?}", isa.name());
        let program = program(isa, &problem.shape());
        let mapped = Mapped::new(isa, spec, &program, PRODUCT);
        let expected = bits(&problem.apart(isa));
        for order in [Order::Forward, Order::Backward, Order::Shuffled(7)] {
            let received = bits(&problem.together(&mapped, order));
            let wrong = received.iter().zip(&expected).position(|(a, b)| a != b);
            assert_eq!(wrong, None, "{what}");
        }
    }
}

#[test]
fn weight_gradients_of_every_length_and_width() {
    for (m, n, k) in [(1, 128, 3), (5, 131, 8), (61, 300, 64), (250, 1000, 8), (700, 520, 33), (30, 4096, 8)]
    {
        check(GemmSpec { a_transposed: true, ..GemmSpec::new(m, n, k) });
    }
}

#[test]
fn sums_that_are_cut_keep_their_order() {
    // Longer than a cache block, with panels copied by each chunk and read where they lie.
    for (m, n, k) in [(300, 600, 300), (40, 260, 777), (17, 129, 1000)] {
        check(GemmSpec::new(m, n, k));
        check(GemmSpec { a_transposed: true, ..GemmSpec::new(m, n, k) });
    }
}

#[test]
fn products_with_an_epilogue_turned_and_batched() {
    let epilogue = Epilogue { bias: true, activation: Activation::Relu, ..Epilogue::default() };
    check(GemmSpec { epilogue, ..GemmSpec::new(70, 200, 40) });
    check(GemmSpec { epilogue, b_transposed: true, ..GemmSpec::new(400, 200, 40) });
    for (a_batched, b_batched) in [(true, false), (false, true), (true, true)] {
        let spec = GemmSpec { batch: 3, a_batched, b_batched, epilogue, ..GemmSpec::new(130, 150, 20) };
        check(spec);
        check(GemmSpec { b_transposed: true, ..spec });
        check(GemmSpec { a_transposed: true, ..spec });
    }
}

#[test]
fn turned_results_and_short_rows_stay_apart() {
    let suits = |spec| Mapped::suits(&spec);
    assert!(suits(GemmSpec { a_transposed: true, ..GemmSpec::new(4000, 128, 8) }));
    assert!(!suits(GemmSpec { a_transposed: true, ..GemmSpec::new(4000, 100, 8) }));
    assert!(!suits(GemmSpec { b_transposed: true, ..GemmSpec::new(8, 4000, 500) }));
    let narrow = |output, k| {
        let floats = Floats { inputs: Float::Bf16, output };
        suits(GemmSpec { a_transposed: true, floats, ..GemmSpec::new(4000, 128, k) })
    };
    assert!(narrow(Float::F32, 8) && narrow(Float::F32, 7));
    assert!(!narrow(Float::Bf16, 8));
    let epilogue = Epilogue { addend: true, ..Epilogue::default() };
    assert!(!suits(GemmSpec { epilogue, a_transposed: true, ..GemmSpec::new(4000, 128, 8) }));
}
