//! The layers of the networks that `npm run bench -- nets` trains, forward and both gradients, on one
//! core.
//!
//! Criterion reports operations a second (as elements, those of the direct sum, however it is
//! computed); beside each, the median fraction of the multiply-add peak measured just before every
//! sample is printed. Winograd's algorithm can pass 100 % of it.

mod support;

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fovea_kernels::conv::{self, Algorithm, Choice, ConvShape, Precision};
use fovea_kernels::gemm::{self, Activation, Epilogue, Gate, GemmSpec};
use fovea_kernels::isa::{Isa, flush_denormals};
use fovea_kernels::routine::{Float, Floats, Operands, Routine, Sizes};
use support::Floats32;
use support::layers::{Conv, Dense, NETS};
use support::peak::peak;

/// What follows a forward convolution or product.
const RELU: Epilogue =
    Epilogue { bias: true, addend: false, activation: Activation::Relu, gate: Gate::None, moments: false };

/// Runs a routine's chunks on this thread, under Criterion and against the peak.
fn measure(
    criterion: &mut Criterion,
    (name, inputs): (&str, Float),
    routine: &dyn Routine,
    flops: f64,
    mut at: Operands,
) {
    let isa = Isa::detect().unwrap_or(Isa::Portable);
    let scratch = routine.phases().iter().map(|phase| phase.scratch).max().unwrap_or(0);
    let (mut temp, mut scratch) = (Floats32::bytes(routine.temp()), Floats32::bytes(scratch));
    (at.temp, at.scratch) = (temp.ptr().cast(), scratch.ptr().cast());
    let once = || {
        let start = Instant::now();
        for (phase, spec) in routine.phases().iter().enumerate() {
            for chunk in 0..spec.chunks {
                // SAFETY: the caller made the operands for this routine.
                unsafe { routine.run(phase, chunk, &at) };
            }
        }
        start.elapsed()
    };
    let mut fractions = Vec::new();
    let mut group = criterion.benchmark_group(isa.name());
    group.throughput(Throughput::Elements(flops as u64));
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|iterations| {
            let best = peak(isa, inputs);
            let total: Duration = (0..iterations).map(|_| once()).sum();
            fractions.push(flops * iterations as f64 / total.as_secs_f64() / best);
            total
        });
    });
    group.finish();
    fractions.sort_by(f64::total_cmp);
    if let Some(median) = fractions.get(fractions.len() / 2) {
        println!("{name}: {:.0} % of the peak", 100.0 * median);
    }
}

fn operands(inputs: [*mut f32; 2], bias: *mut f32, output: *mut f32) -> Operands {
    Operands { inputs: inputs.map(|p| p.cast_const()), bias, output, ..Operands::NONE }
}

/// What a step of mixed precision takes and gives: gradients of weights stay f32.
fn floats(inputs: Float) -> [Floats; 3] {
    [inputs, inputs, Float::F32].map(|output| Floats { inputs, output })
}

/// Percentages of zeros behind rectifiers and dropout.
const ZEROS: [usize; 4] = [0, 35, 60, 75];

/// What is measured of a layer, in what precision.
fn title(net: &str, layer: &dyn std::fmt::Display, what: &str, inputs: Float) -> String {
    let suffix = if inputs == Float::Bf16 { " bf16" } else { "" };
    format!("{net} {layer} {what}{suffix}")
}

fn convolution(criterion: &mut Criterion, isa: Isa, net: &str, layer: &Conv, inputs: Float) {
    let shape: &ConvShape = &layer.shape();
    let weights = shape.kh * shape.kw * shape.c / shape.groups * shape.co;
    let flops = 2.0 * (shape.n * shape.oh * shape.ow * weights) as f64;
    let mut x = Floats32::new(shape.n * shape.h * shape.w * shape.c);
    let mut y = Floats32::new(shape.n * shape.oh * shape.ow * shape.co);
    let (mut w, mut bias) = (Floats32::new(weights), Floats32::new(shape.co));
    let [x, y, w, bias] = [&mut x, &mut y, &mut w, &mut bias].map(Floats32::ptr);
    let mut run = |what: &str, algorithm: Algorithm, routine: Box<dyn Routine>, at: Operands| {
        let mut name = title(net, layer, what, inputs);
        if algorithm != Algorithm::Direct {
            name += &format!(" {algorithm}");
        }
        measure(criterion, (&name, inputs), &*routine, flops, at);
    };
    let (precision, [forward, input, kernel]) = (Precision::High, floats(inputs));

    let algorithm = Choice::forward(isa, precision, shape, inputs).algorithm;
    let routine = conv::forward(isa, algorithm, shape, RELU, forward, false);
    run("forward", algorithm, routine, operands([x, w], bias, y));
    if algorithm == Algorithm::Direct && inputs == Float::F32 {
        let (mut mean, mut variance) = (Floats32::new(shape.co), Floats32::new(shape.co));
        let epilogue = Epilogue { moments: true, ..Epilogue::default() };
        let routine = conv::forward(isa, algorithm, shape, epilogue, forward, false);
        let at = Operands { moments: [mean.ptr(), variance.ptr()], ..operands([x, w], bias, y) };
        run("forward with moments", algorithm, routine, at);
    }

    let algorithm = Choice::input_grad(isa, precision, shape, inputs).algorithm;
    let routine = conv::input_grad(isa, algorithm, shape, Epilogue::default(), input);
    run("input gradient", algorithm, routine, operands([y, w], bias, x));

    let algorithm = Choice::kernel_grad(isa, precision, shape, inputs).algorithm;
    let routine = conv::kernel_grad(isa, algorithm, shape, kernel);
    run("kernel gradient", algorithm, routine, operands([x, y], bias, w));
}

/// Gradients that pass max pooling by; no gradient is zero.
fn winners(criterion: &mut Criterion, isa: Isa, net: &str, layer: &Conv) {
    let (Some(pooled), shape) = (layer.pooled(), layer.shape()) else { return };
    let mut x = Floats32::new(shape.n * shape.h * shape.w * shape.c);
    let mut w = Floats32::new(shape.kh * shape.kw * shape.c * shape.co);
    let mut g = Floats32::new(pooled.winners());
    let winners: Vec<u8> = (0..pooled.winners()).map(|index| (index * index / 7 % 4) as u8).collect();
    let [x, w, g] = [&mut x, &mut w, &mut g].map(Floats32::ptr);
    let parts = [
        ("input", conv::pooled_input_grad(isa, &pooled, Epilogue::default()), [g, w], x),
        ("kernel", conv::pooled_kernel_grad(isa, &pooled), [x, g], w),
    ];
    for (part, routine, inputs, output) in parts {
        let name = title(net, layer, &format!("{part} gradient from winners"), Float::F32);
        let at = Operands { winners: winners.as_ptr(), ..operands(inputs, std::ptr::null_mut(), output) };
        measure(criterion, (&name, Float::F32), &*routine, pooled.work(), at);
    }
}

fn dense(criterion: &mut Criterion, isa: Isa, net: &str, layer: &Dense, float: Float) {
    let Dense { batch, inputs, outputs } = *layer;
    let forward = GemmSpec::new(batch, outputs, inputs);
    let flops = 2.0 * (batch * inputs * outputs) as f64;
    let (mut x, mut y) = (Floats32::new(batch * inputs), Floats32::new(batch * outputs));
    let (mut w, mut bias) = (Floats32::new(inputs * outputs), Floats32::new(outputs));
    let [x, y, w, bias] = [&mut x, &mut y, &mut w, &mut bias].map(Floats32::ptr);
    let input = GemmSpec { n: inputs, k: outputs, b_transposed: true, ..forward };
    let kernel = GemmSpec { m: inputs, k: batch, a_transposed: true, ..forward };
    let parts = [
        ("forward", GemmSpec { epilogue: RELU, ..forward }, [x, w, y]),
        ("input gradient", input, [y, w, x]),
        ("kernel gradient", kernel, [x, y, w]),
    ];
    for ((what, spec, [a, b, c]), floats) in parts.into_iter().zip(floats(float)) {
        let (routine, how) = gemm::product(isa, GemmSpec { floats, ..spec });
        let name = title(net, &format_args!("dense {inputs} to {outputs}"), what, float);
        let percentages = if how.leaves_zeros() { &ZEROS[..] } else { &ZEROS[..1] };
        for &percentage in percentages {
            let mut zeros = Floats32::new(spec.m * spec.k);
            let name = match percentage {
                0 => name.clone(),
                _ => format!("{name} {percentage} % zeros"),
            };
            // The forward product leaves zeros in its own result.
            let a = if how.leaves_zeros() { zeros.with_zeros(percentage) } else { a };
            measure(criterion, (&name, float), &*routine, flops, operands([a, b], bias, c));
        }
    }
}

fn layers(criterion: &mut Criterion) {
    flush_denormals();
    let isa = Isa::detect().unwrap_or(Isa::Portable);
    for net in NETS {
        net.convolutions.iter().for_each(|layer| winners(criterion, isa, net.name, layer));
        for float in [Float::F32, Float::Bf16] {
            net.convolutions.iter().for_each(|layer| convolution(criterion, isa, net.name, layer, float));
            net.dense.iter().for_each(|layer| dense(criterion, isa, net.name, layer, float));
        }
    }
}

fn short() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
}

criterion_group! { name = kernels; config = short(); targets = layers }
criterion_main!(kernels);
