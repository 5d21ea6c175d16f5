//! Where samples do not go: the elementwise table on the GPU at the edges of each dtype and all over
//! the floats, against the CPU's kernels, whose own tests hold them against f64; and what the GPU does
//! where the CPU would fail.

use super::check::fused;
use super::memory::decode;
use super::{cpu, gpu};
use crate::checked::{AnySample, Arg};
use crate::elementwise::{Ew, Family};
use crate::ops::{Gather, Iota, Kernel, Op, Pick, PickGrad, ScatterAdd};
use crate::target::{Cpu, Gpu};
use fovea_core::{Bf16, DType};
use fovea_gpu::Device;
use fovea_gpu::testing::device;
use fovea_kernels::isa::Isa;

/// Numbers of a dtype where something changes.
fn edges(dtype: DType) -> Vec<f64> {
    let two = |n: i32| 2f64.powi(n);
    let small = [0.0, 1.0, 2.0, 3.0, 7.0, 100.0];
    let signed = |most: f64| [-most, 1.0 - most, most - 1.0, -1.0, -2.0, -3.0, -7.0, -100.0];
    let more: Vec<f64> = match dtype {
        DType::F32 => floats(),
        // Few enough for tables of two operands.
        DType::Bf16 => floats().into_iter().step_by(3).map(bf16).collect(),
        DType::I32 => [&signed(two(31))[..], &[65_535.0, 65_537.0, -65_536.0, 46_341.0]].concat(),
        DType::U32 => vec![two(32) - 1.0, two(32) - 2.0, two(31), two(31) - 1.0, 65_535.0, 65_536.0],
        // As far as f64 has every whole number, and some beyond.
        DType::I64 => {
            let far = [-two(63), two(62), -two(62), two(33) + 5.0, -two(32) - 1.0, two(32), two(32) - 1.0];
            [&signed(two(53))[..], &far, &[two(53) - 3.0, two(31), -two(31), two(25) + 1.0]].concat()
        }
        DType::U8 => vec![255.0, 254.0, 128.0, 127.0, 16.0],
        DType::I8 => vec![-128.0, -127.0, 127.0, 126.0, -1.0, -2.0, -7.0, 16.0],
        DType::Bool => return vec![0.0, 1.0],
    };
    [&small[..], &more].concat()
}

/// Floats of every kind and size but for denormals, which a device may take for 0.
fn floats() -> Vec<f64> {
    let special = [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.5, 1.5, 2.5, -0.5, -1.5, 1e-5];
    let powers = (-126..128).step_by(9).flat_map(|n| [1.0, -1.0, 1.3, -1.7].map(|m| m * 2f64.powi(n)));
    let limits = [2f64.powi(31), 2f64.powi(32), 2f64.powi(63), 16_777_216.0, 16_777_217.0, 255.4, -128.9];
    let limits = limits.into_iter().flat_map(|x| [x, -x, x - 300.0 * x * f64::from(f32::EPSILON)]);
    special.into_iter().chain(powers).chain(limits).map(|x| f64::from(x as f32)).collect()
}

/// The number as bfloat16 has it.
fn bf16(x: f64) -> f64 {
    f64::from(Bf16::from_f32(x as f32).to_f32())
}

/// Floats all over, and close together where functions bend.
fn everywhere() -> Vec<f64> {
    let all = (0..=u32::MAX).step_by(150_001).map(f32::from_bits).filter(|x| !x.is_subnormal());
    let near = (0..40_000).map(|i| -20.0 + i as f32 * 1e-3);
    let nearer = (0..20_000).map(|i| -1.0 + i as f32 * 1e-4);
    all.chain(near).chain(nearer).map(f64::from).collect()
}

/// The elementwise op of every combination of these operands.
fn sample(op: Ew, operands: &[(DType, Vec<f64>)]) -> AnySample {
    let rank = operands.len();
    let arg = |(i, (dtype, values)): (usize, &(DType, Vec<f64>))| {
        let mut sizes = vec![1; rank];
        sizes[i] = values.len();
        Arg::of(*dtype, &sizes, values.clone())
    };
    let inputs = operands.iter().enumerate().map(arg).collect();
    let oracle = Box::new(|_: &[ndarray::ArrayD<f64>]| unreachable!("the CPU is the oracle"));
    AnySample { op: Op::Elementwise(op), inputs, smooth: false, ulps: 0.0, oracle }
}

fn on_gpu(device: &Device, sample: &AnySample) -> Vec<u8> {
    let target = Gpu(device.limits());
    let graph = fused(sample, &target);
    let outputs = gpu::run(device, &target, sample, &graph, gpu::Manner::Plain);
    let outputs = outputs.unwrap_or_else(|e| panic!("{}: {e}", sample.describe()));
    outputs.unwrap_or_else(|| panic!("{} has no kernel", sample.describe())).remove(0)
}

/// How far results may be from the CPU's, in units of the last place: both are off by a little.
fn allowed(op: Ew, cpu: f32) -> i64 {
    match op {
        // Rounded correctly on the CPU; a device comes within one.
        Ew::Div | Ew::Sqrt | Ew::Reciprocal => 1,
        // Quotients past 2²⁴ are whole before they are rounded down.
        Ew::FloorDiv if cpu.abs() > 16_777_216.0 => 1,
        Ew::Rsqrt => 2,
        Ew::Erfc | Ew::Erfinv => 8,
        Ew::NextAfter => 0,
        Ew::Pow => 4,
        _ if op.family() == Family::Float => 4,
        _ => 0,
    }
}

/// Where a number stands among all floats; neighbours are 1 apart.
fn rank(x: f32) -> i64 {
    let size = i64::from(x.to_bits() & 0x7fff_ffff);
    if x.is_sign_negative() { -size } else { size }
}

/// Whether a result is near enough. Denormals may be 0, and the largest floats infinite.
fn near(op: Ew, dtype: DType, cpu: f32, gpu: f32) -> bool {
    let tiny = |x: f32| x.abs() <= f32::MIN_POSITIVE;
    let most = allowed(op, cpu);
    // Neighbours in float32 may be rounded to neighbours in bfloat16.
    let most = if dtype == DType::Bf16 { most.min(1) << 16 } else { most };
    let apart = (rank(cpu) - rank(gpu)).abs();
    cpu.is_nan() && gpu.is_nan() || tiny(cpu) && tiny(gpu) || apart <= most
}

/// The elements that differ, as messages.
fn differences(device: &Device, op: Ew, operands: &[(DType, Vec<f64>)]) -> Vec<String> {
    let sample = sample(op, operands);
    let graph = fused(&sample, &Cpu::new(Isa::Portable));
    let cpu = cpu::run(Isa::Portable, &sample, &graph, cpu::Manner::Plain).remove(0);
    let gpu = on_gpu(device, &sample);
    let dtype = sample.op.infer(&sample.inputs.iter().map(|a| a.ty.clone()).collect::<Vec<_>>());
    let dtype = dtype.expect("the operands suit the op")[0].dtype;
    let counts: Vec<usize> = operands.iter().map(|(_, values)| values.len()).collect();
    let describe = |i: usize| {
        let mut rest = i;
        let mut args: Vec<f64> = Vec::new();
        for (k, (_, values)) in operands.iter().enumerate().rev() {
            args.insert(0, values[rest % counts[k]]);
            rest /= counts[k];
        }
        args
    };
    let size = dtype.size();
    let pairs = cpu.chunks_exact(size).zip(gpu.chunks_exact(size)).enumerate();
    let show = |b: &[u8]| decode(dtype, b)[0];
    let wrong = pairs.filter(|(_, (c, g))| match dtype {
        DType::F32 | DType::Bf16 => !near(op, dtype, show(c) as f32, show(g) as f32),
        _ => c != g,
    });
    wrong
        .map(|(i, (c, g))| {
            format!(
                "{} of {} {:?}: {} on the CPU, {} on the GPU",
                op.name(),
                operands[0].0,
                describe(i),
                show(c),
                show(g)
            )
        })
        .collect()
}

#[track_caller]
fn report(wrong: &[String], checked: usize) {
    let shown: Vec<&str> = wrong.iter().step_by((wrong.len() / 40).max(1)).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} of {checked} are wrong:\n{}", wrong.len(), shown.join("\n"));
}

#[test]
fn the_table_is_the_cpus_at_the_edges() {
    let Some(device) = device() else { return };
    let (mut wrong, mut checked) = (Vec::new(), 0);
    let mut compare = |op: Ew, operands: &[(DType, Vec<f64>)]| {
        checked += 1;
        wrong.extend(differences(&device, op, operands));
    };
    for &op in Ew::ALL {
        let dtypes: &[DType] = match op.family() {
            Family::Float | Family::Test => &[DType::F32, DType::Bf16],
            Family::Logic => &[DType::Bool],
            Family::Bits => &DType::ALL[2..],
            _ => &DType::ALL,
        };
        for &dtype in dtypes {
            let operand = |i: usize| {
                if op == Ew::Where && i == 0 { (DType::Bool, vec![0.0, 1.0]) } else { (dtype, edges(dtype)) }
            };
            // Far angles are noise on the CPU.
            let mut operands: Vec<_> = (0..op.arity()).map(operand).collect();
            if matches!(op, Ew::Sin | Ew::Cos | Ew::Tan) {
                operands[0].1.retain(|x| x.is_nan() || x.abs() < 1e5);
            }
            compare(op, &operands);
        }
    }
    for from in DType::ALL {
        for to in DType::ALL.into_iter().filter(|&to| to != from) {
            compare(Ew::Cast(to), &[(from, edges(from))]);
        }
    }
    report(&wrong, checked);
    assert!(checked > 150, "{checked}");
}

#[test]
fn functions_are_the_cpus_everywhere() {
    let Some(device) = device() else { return };
    let mut wrong = Vec::new();
    let floats = |op: Ew| op.family() == Family::Float || matches!(op, Ew::Relu | Ew::Relu6 | Ew::Round);
    let functions = Ew::ALL.iter().filter(|&&op| floats(op) && op.arity() == 1);
    let mut checked = 0;
    for &op in functions {
        let mut x = everywhere();
        if matches!(op, Ew::Sin | Ew::Cos | Ew::Tan) {
            x.retain(|x| x.is_nan() || x.abs() < 1e5);
        }
        checked += x.len();
        wrong.extend(differences(&device, op, &[(DType::F32, x)]));
    }
    report(&wrong, checked);
    assert!(checked > 1_000_000, "{checked}");
}

#[test]
fn an_index_out_of_range_leaves_nan() {
    let Some(device) = device() else { return };
    let run = |op: Kernel, sizes: &[usize], indices: [f64; 2]| {
        let x = Arg::of(DType::F32, sizes, vec![1.0; sizes.iter().product()]);
        let inputs = vec![x, Arg::of(DType::I32, &[2], indices.to_vec())];
        let oracle = Box::new(|_: &[ndarray::ArrayD<f64>]| vec![]);
        let bytes =
            on_gpu(&device, &AnySample { op: Op::Kernel(op), inputs, smooth: true, ulps: 0.0, oracle });
        decode(DType::F32, &bytes).into_iter().map(f64::is_nan).collect::<Vec<bool>>()
    };
    assert_eq!(run(Gather { axis: 0 }.into(), &[4], [1.0, 4.0]), [false, true]);
    assert_eq!(run(Gather { axis: 0 }.into(), &[4], [-1.0, 3.0]), [true, false]);
    assert_eq!(run(Pick {}.into(), &[2, 10], [9.0, 10.0]), [false, true]);
    assert_eq!(run(PickGrad { size: 2 }.into(), &[2], [-7.0, 1.0]), [true, true, false, false]);
    assert_eq!(run(ScatterAdd { axis: 0, size: 2 }.into(), &[2], [-1.0, 0.0]), [true, true]);
}

/// More workgroups than one axis of a grid has.
#[test]
fn a_long_tensor_takes_rows_of_workgroups() {
    let Some(device) = device() else { return };
    let n = 64 * 65_535 + 1000;
    let op = Op::Kernel(Iota { dtype: DType::I32, shape: vec![n], axis: 0 }.into());
    let oracle = Box::new(|_: &[ndarray::ArrayD<f64>]| vec![]);
    let bytes = on_gpu(&device, &AnySample { op, inputs: vec![], smooth: true, ulps: 0.0, oracle });
    let counted = decode(DType::I32, &bytes);
    assert!(counted.into_iter().eq((0..n).map(|i| i as f64)));
}
