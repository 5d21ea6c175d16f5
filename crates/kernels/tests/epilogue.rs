//! Tensors that join a result on its way to memory: the same bits as one operation after the other.

mod convolution;
mod support;

use convolution::{general, valid};
use fovea_kernels::conv::{self, Algorithm, ConvShape, Form};
use fovea_kernels::gemm::{self, Activation, Epilogue, Gate, GemmSpec};
use fovea_kernels::isa::Isa;
use fovea_kernels::routine::{Float, Floats, Operands, Routine};
use support::{Memory, Order, Values, available, drive, inputs_of};

/// Operands of a routine, and those of its epilogue.
struct Problem {
    inputs: [Memory; 2],
    bias: Memory,
    addend: Vec<f32>,
    /// Results of an activation, and flags.
    gates: [Memory; 2],
}

/// For inputs of so many elements, a bias for `lanes` and a result of `len`.
fn problem(floats: Floats, inputs: [usize; 2], lanes: usize, len: usize) -> Problem {
    let mut values = Values::new((inputs[0] * 31 + inputs[1] * 7 + len) as u64);
    let mut gate: Vec<f32> = values.floats(len).into_iter().map(|value| 10.0 * value).collect();
    let edges = [0.0, -0.0, 6.0, f32::NAN, f32::INFINITY];
    gate.iter_mut().step_by(7).zip(edges.into_iter().cycle()).for_each(|(gate, edge)| *gate = edge);
    let flags = Memory::bytes(len.next_multiple_of(4));
    for (index, &gate) in gate.iter().enumerate() {
        // SAFETY: inside the allocation.
        unsafe { flags.ptr().cast::<u8>().add(index).write(u8::from(gate > 1.0)) };
    }
    Problem {
        inputs: inputs
            .map(|len| Memory::holding(floats.inputs, &support::held(floats.inputs, values.floats(len)))),
        bias: Memory::of(&values.floats(lanes)),
        addend: values.floats(len).into_iter().map(|value| 4.0 * value).collect(),
        gates: [Memory::of(&gate), flags],
    }
}

/// The result; the addend lies where it goes if `within`.
fn compute(
    routine: &dyn Routine,
    epilogue: Epilogue,
    problem: &Problem,
    within: bool,
    order: Order,
) -> Vec<f32> {
    let [a, b] = &problem.inputs;
    let none = Memory::uninit(a.values().len().max(b.values().len()));
    let addend = Memory::of(&problem.addend);
    let apart = Memory::uninit(problem.addend.len());
    let output = if within { &addend } else { &apart };
    drive(routine.phases(), routine.temp(), order, |phase, chunk, temp, scratch| {
        let inputs = inputs_of(routine, phase, [a, b], &none);
        let gate = problem.gates[usize::from(epilogue.gate == Gate::Flags)].ptr().cast_const().cast();
        let (bias, addend) = (problem.bias.ptr(), addend.ptr());
        let at =
            Operands { inputs, bias, addend, gate, output: output.ptr(), temp, scratch, ..Operands::NONE };
        // SAFETY: the buffers have the sizes that the routine was planned for.
        unsafe { routine.run(phase, chunk, &at) };
    });
    output.assert_guards("a result");
    output.values().to_vec()
}

/// `sum` and what follows its bias, one operation after the other.
fn follow(epilogue: Epilogue, sum: f32, addend: f32, gate: f32) -> f32 {
    let sum = if epilogue.addend { sum + addend } else { sum };
    let sum = match epilogue.activation {
        Activation::None => sum,
        Activation::Relu => sum.max(0.0),
        Activation::Relu6 => sum.clamp(0.0, 6.0),
    };
    let open = match epilogue.gate {
        Gate::None => true,
        Gate::Flags => gate > 1.0,
        Gate::Relu => gate > 0.0,
        Gate::Relu6 => gate > 0.0 && gate < 6.0,
    };
    if open { sum } else { 0.0 }
}

/// The routine that `plan` makes of every epilogue, beside the one that makes the sums alone.
fn check(problem: &Problem, within: bool, what: &str, plan: impl Fn(Isa, Epilogue) -> Box<dyn Routine>) {
    let activations = [Activation::None, Activation::Relu, Activation::Relu6];
    let gates = [Gate::None, Gate::Flags, Gate::Relu, Gate::Relu6];
    for isa in available() {
        for bias in [false, true] {
            let bare = Epilogue { bias, ..Epilogue::default() };
            let sums = compute(&*plan(isa, bare), bare, problem, false, Order::Forward);
            for form in 1..24 {
                let (activation, gate) = (activations[form / 2 % 3], gates[form / 6]);
                let epilogue = Epilogue { addend: form % 2 == 1, activation, gate, ..bare };
                let routine = plan(isa, epilogue);
                for (order, within) in [(Order::Shuffled(3), false), (Order::Backward, within)] {
                    let received = compute(&*routine, epilogue, problem, within, order);
                    for (index, (&received, &sum)) in received.iter().zip(&sums).enumerate() {
                        let expected =
                            follow(epilogue, sum, problem.addend[index], problem.gates[0].values()[index]);
                        let name = isa.name();
                        assert!(
                            received == expected,
                            "{name} {what} {epilogue:?}: [{index}] is {received}, not {expected}"
                        );
                    }
                }
            }
        }
    }
}

/// The convolution and the gradient for its input, of f32 and of bf16.
fn check_convolution(algorithm: Algorithm, shape: ConvShape) {
    let ConvShape { n, h, w, c, kh, kw, co, oh, ow, groups, .. } = shape;
    let [x, weights, y] = [n * h * w * c, kh * kw * c / groups * co, n * oh * ow * co];
    for inputs in [Float::F32, Float::Bf16] {
        let floats = Floats { inputs, output: Float::F32 };
        let what = format!("{algorithm} {shape} of {inputs:?}");
        check(&problem(floats, [x, weights], co, y), true, &what, |isa, epilogue| {
            conv::forward(isa, algorithm, &shape, epilogue, floats, false)
        });
        check(&problem(floats, [y, weights], c, x), true, &format!("gradient of {what}"), |isa, epilogue| {
            conv::input_grad(isa, algorithm, &shape, epilogue, floats)
        });
    }
}

#[test]
fn convolutions() {
    let direct = |shape| check_convolution(Algorithm::Direct, shape);
    direct(valid([2, 6, 7, 12], [3, 3, 37]));
    direct(valid([3, 9, 7, 64], [1, 1, 48]));
    // Pixels that no output sees, and groups, one of them for each channel.
    direct(general([2, 9, 8, 10], [1, 1, 21], [2, 2], [1, 1], [0; 4], 1));
    direct(general([1, 6, 5, 12], [3, 3, 8], [1, 1], [1, 1], [1; 4], 4));
    direct(general([2, 7, 6, 35], [3, 3, 35], [1, 1], [1, 1], [1; 4], 35));
    direct(general([1, 7, 6, 18], [3, 3, 18], [2, 2], [1, 1], [1; 4], 18));
    // Cut into chunks.
    direct(valid([1, 30, 40, 16], [3, 3, 70]));
}

#[test]
fn convolutions_by_winograd() {
    for form in Form::ALL {
        let ([kh, kw], [down, across]) = (form.taps(), form.taps().map(|taps| taps / 2));
        let winograd = |shape| check_convolution(Algorithm::Winograd(form), shape);
        let same = [down, across, down, across];
        winograd(general([2, 6, 7, 24], [kh, kw, 37], [1, 1], [1, 1], same, 1));
        winograd(general([1, 13, 11, 5], [kh, kw, 16], [1, 1], [1, 1], [0, across, 0, across], 1));
    }
}

#[test]
fn products() {
    let plain = GemmSpec::new;
    let batched = GemmSpec { batch: 3, a_batched: true, b_batched: true, ..plain(7, 19, 11) };
    let mut specs = vec![plain(5, 33, 300), plain(300, 20, 40), plain(3, 2100, 2004), batched];
    for form in 1..4 {
        let (a_transposed, b_transposed) = (form % 2 == 1, form / 2 == 1);
        specs.push(GemmSpec { a_transposed, b_transposed, ..plain(17, 40, 30) });
        specs.push(GemmSpec { a_transposed, b_transposed, ..plain(4, 100, 530) });
    }
    for inputs in [Float::F32, Float::Bf16] {
        let floats = Floats { inputs, output: Float::F32 };
        for spec in specs.iter().map(|&spec| GemmSpec { floats, ..spec }) {
            let GemmSpec { m, n, k, batch, .. } = spec;
            let what = format!("{spec} of {inputs:?}");
            check(
                &problem(floats, [batch * m * k, batch * k * n], n, batch * m * n),
                false,
                &what,
                |isa, epilogue| gemm::product(isa, GemmSpec { epilogue, ..spec }).0,
            );
        }
    }
}
