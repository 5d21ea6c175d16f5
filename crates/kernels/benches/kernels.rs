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
use fovea_kernels::gemm::{Activation, Epilogue, Gemm, GemmSpec};
use fovea_kernels::isa::{Isa, flush_denormals};
use fovea_kernels::routine::{Operands, Routine};
use support::Floats;
use support::layers::{Conv, Dense, NETS};
use support::peak::peak;

const RELU: Epilogue = Epilogue { bias: true, activation: Activation::Relu };

/// Runs a routine's chunks on this thread, under Criterion and against the peak.
fn measure(criterion: &mut Criterion, name: &str, routine: &dyn Routine, flops: f64, mut at: Operands) {
    let isa = Isa::detect().unwrap_or(Isa::Portable);
    let scratch = routine.phases().iter().map(|phase| phase.scratch).max().unwrap_or(0);
    let (mut temp, mut scratch) = (Floats::bytes(routine.temp()), Floats::bytes(scratch));
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
            let best = peak(isa);
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
    let nothing = std::ptr::null_mut();
    Operands { inputs: inputs.map(|p| p.cast_const()), bias, output, temp: nothing, scratch: nothing }
}

fn convolution(criterion: &mut Criterion, isa: Isa, net: &str, layer: &Conv) {
    let shape: &ConvShape = &layer.shape();
    let weights = shape.kh * shape.kw * shape.c / shape.groups * shape.co;
    let flops = 2.0 * (shape.n * shape.oh * shape.ow * weights) as f64;
    let mut x = Floats::new(shape.n * shape.h * shape.w * shape.c);
    let mut y = Floats::new(shape.n * shape.oh * shape.ow * shape.co);
    let (mut w, mut bias) = (Floats::new(weights), Floats::new(shape.co));
    let [x, y, w, bias] = [&mut x, &mut y, &mut w, &mut bias].map(Floats::ptr);
    let name = |what: &str, algorithm| match algorithm {
        Algorithm::Direct => format!("{net} {layer} {what}"),
        Algorithm::Winograd(_) => format!("{net} {layer} {what} {algorithm}"),
    };
    let precision = Precision::High;

    let algorithm = Choice::forward(isa, precision, shape).algorithm;
    let forward = conv::forward(isa, algorithm, shape, RELU);
    measure(criterion, &name("forward", algorithm), &*forward, flops, operands([x, w], bias, y));

    let algorithm = Choice::input_grad(isa, precision, shape).algorithm;
    let input = conv::input_grad(isa, algorithm, shape);
    measure(criterion, &name("input gradient", algorithm), &*input, flops, operands([y, w], bias, x));

    let algorithm = Choice::kernel_grad(isa, precision, shape).algorithm;
    let kernel = conv::kernel_grad(isa, algorithm, shape);
    measure(criterion, &name("kernel gradient", algorithm), &*kernel, flops, operands([x, y], bias, w));
}

fn dense(criterion: &mut Criterion, isa: Isa, net: &str, layer: &Dense) {
    let Dense { batch, inputs, outputs } = *layer;
    let forward = GemmSpec::new(batch, outputs, inputs);
    let flops = 2.0 * (batch * inputs * outputs) as f64;
    let (mut x, mut y) = (Floats::new(batch * inputs), Floats::new(batch * outputs));
    let (mut w, mut bias) = (Floats::new(inputs * outputs), Floats::new(outputs));
    let [x, y, w, bias] = [&mut x, &mut y, &mut w, &mut bias].map(Floats::ptr);
    let input = GemmSpec { n: inputs, k: outputs, b_transposed: true, ..forward };
    let kernel = GemmSpec { m: inputs, k: batch, a_transposed: true, ..forward };
    for (what, spec, [a, b, c]) in [
        ("forward", GemmSpec { epilogue: RELU, ..forward }, [x, w, y]),
        ("input gradient", input, [y, w, x]),
        ("kernel gradient", kernel, [x, y, w]),
    ] {
        let gemm = Gemm::new(isa, spec);
        let name = format!("{net} dense {inputs} to {outputs} {what}");
        measure(criterion, &name, &gemm, flops, operands([a, b], bias, c));
    }
}

fn layers(criterion: &mut Criterion) {
    flush_denormals();
    let isa = Isa::detect().unwrap_or(Isa::Portable);
    for net in NETS {
        net.convolutions.iter().for_each(|layer| convolution(criterion, isa, net.name, layer));
        net.dense.iter().for_each(|layer| dense(criterion, isa, net.name, layer));
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
