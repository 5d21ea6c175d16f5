//! The layers of two small nets at batch 64, forward and both gradients, on one core.
//!
//! Criterion reports operations a second (as elements); beside each, the median fraction of the
//! multiply-add peak measured just before every sample is printed.

mod support;

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fovea_kernels::conv::{ConvForward, ConvInputGrad, ConvKernelGrad, ConvShape};
use fovea_kernels::gemm::{Activation, Epilogue, Gemm, GemmSpec};
use fovea_kernels::isa::{Isa, flush_denormals};
use fovea_kernels::routine::PhaseSpec;
use support::{Floats, peak};

const BATCH: usize = 64;
const RELU: Epilogue = Epilogue { bias: true, activation: Activation::Relu };

/// Runs a routine's chunks on this thread, under Criterion and against the peak.
fn measure(
    criterion: &mut Criterion,
    isa: Isa,
    name: &str,
    phases: &[PhaseSpec],
    temp: usize,
    flops: f64,
    run: impl Fn(usize, usize, *mut u8, *mut u8),
) {
    let scratch = phases.iter().map(|phase| phase.scratch).max().unwrap_or(0);
    let (mut temp, mut scratch) = (Floats::bytes(temp), Floats::bytes(scratch));
    let mut once = || {
        let start = Instant::now();
        for (phase, spec) in phases.iter().enumerate() {
            for chunk in 0..spec.chunks {
                run(phase, chunk, temp.ptr().cast(), scratch.ptr().cast());
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

/// A convolution without padding of `[BATCH, size, size, c]` through `[kernel, kernel, c, co]`.
fn convolution(criterion: &mut Criterion, isa: Isa, size: usize, c: usize, kernel: usize, co: usize) {
    let out = size + 1 - kernel;
    let shape = ConvShape {
        n: BATCH,
        h: size,
        w: size,
        c,
        kh: kernel,
        kw: kernel,
        co,
        oh: out,
        ow: out,
        stride: [1, 1],
        dilation: [1, 1],
        pad: [0, 0],
        groups: 1,
    };
    let weights = kernel * kernel * c * co;
    let flops = 2.0 * (BATCH * out * out * weights) as f64;
    let (mut x, mut y) = (Floats::new(BATCH * size * size * c), Floats::new(BATCH * out * out * co));
    let (mut w, mut bias) = (Floats::new(weights), Floats::new(co));
    let [x, y, w, bias] = [&mut x, &mut y, &mut w, &mut bias].map(Floats::ptr);
    let name = |what: &str| format!("conv {size}x{size}x{c} {kernel}x{kernel} to {co} {what}");

    let forward = ConvForward::new(isa, &shape, RELU);
    let run = |phase, chunk, temp, scratch| {
        // SAFETY: the buffers have the sizes of the shape, here and below.
        unsafe { forward.run(phase, chunk, x, w, bias, y, temp, scratch) };
    };
    measure(criterion, isa, &name("forward"), forward.phases(), forward.temp(), flops, run);

    let input = ConvInputGrad::new(isa, &shape);
    let run = |phase, chunk, temp, scratch| {
        // SAFETY: as above.
        unsafe { input.run(phase, chunk, y, w, x, temp, scratch) };
    };
    measure(criterion, isa, &name("input gradient"), input.phases(), input.temp(), flops, run);

    let kernel = ConvKernelGrad::new(isa, &shape);
    let run = |phase, chunk, temp, scratch| {
        // SAFETY: as above.
        unsafe { kernel.run(phase, chunk, x, y, w, temp, scratch) };
    };
    measure(criterion, isa, &name("kernel gradient"), kernel.phases(), kernel.temp(), flops, run);
}

fn dense(criterion: &mut Criterion, isa: Isa, inputs: usize, outputs: usize) {
    let forward = GemmSpec {
        m: BATCH,
        n: outputs,
        k: inputs,
        batch: 1,
        a_transposed: false,
        b_transposed: false,
        a_batched: false,
        b_batched: false,
        epilogue: Epilogue::default(),
    };
    let flops = 2.0 * (BATCH * inputs * outputs) as f64;
    let (mut x, mut y) = (Floats::new(BATCH * inputs), Floats::new(BATCH * outputs));
    let (mut w, mut bias) = (Floats::new(inputs * outputs), Floats::new(outputs));
    let [x, y, w, bias] = [&mut x, &mut y, &mut w, &mut bias].map(Floats::ptr);
    let input = GemmSpec { n: inputs, k: outputs, b_transposed: true, ..forward };
    let kernel = GemmSpec { m: inputs, k: BATCH, a_transposed: true, ..forward };
    for (what, spec, [a, b, c]) in [
        ("forward", GemmSpec { epilogue: RELU, ..forward }, [x, w, y]),
        ("input gradient", input, [y, w, x]),
        ("kernel gradient", kernel, [x, y, w]),
    ] {
        let gemm = Gemm::new(isa, spec);
        let name = format!("dense {inputs} to {outputs} {what}");
        measure(criterion, isa, &name, gemm.phases(), gemm.temp(), flops, |phase, chunk, temp, scratch| {
            // SAFETY: the buffers have the sizes of the spec.
            unsafe { gemm.run(phase, chunk, a, b, bias, c, temp, scratch) };
        });
    }
}

fn layers(criterion: &mut Criterion) {
    flush_denormals();
    let isa = Isa::detect().unwrap_or(Isa::Portable);
    convolution(criterion, isa, 28, 1, 5, 32);
    convolution(criterion, isa, 12, 32, 3, 64);
    dense(criterion, isa, 1600, 1024);
    dense(criterion, isa, 1024, 10);
    convolution(criterion, isa, 28, 1, 3, 32);
    convolution(criterion, isa, 13, 32, 3, 64);
    convolution(criterion, isa, 5, 64, 3, 64);
    dense(criterion, isa, 576, 64);
    dense(criterion, isa, 64, 10);
}

fn short() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
}

criterion_group! { name = kernels; config = short(); targets = layers }
criterion_main!(kernels);
