//! Samples of products with an epilogue, from those of the bare products.

use super::{FusedProduct, Product, operands};
use crate::checked::{AnySample, Arg, Checked, Sample};
use crate::fuse::Fused;
use crate::ops::{Conv2d, Conv2dInputGrad, Conv2dKernelGrad, MatMul, Op};
use fovea_core::DType;
use fovea_kernels::gemm::{Activation, Epilogue, Gate};
use ndarray::ArrayD;

/// The sum in f64 and what follows it; a NaN stays one.
fn oracle(product: &Product, epilogue: Epilogue, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
    let mut y = match product {
        Product::Conv2d(op) => op.oracle(&x[..2]),
        Product::MatMul(op) => op.oracle(&x[..2]),
        Product::InputGrad(op) => op.oracle(&x[..2]),
        Product::KernelGrad(op) => op.oracle(&x[..2]),
    };
    let [bias, addend, gate] = operands(epilogue);
    for i in [bias, addend].into_iter().flatten() {
        y[0] += &x[i];
    }
    match epilogue.activation {
        Activation::None => {}
        Activation::Relu => y[0].mapv_inplace(|v| if v <= 0.0 { 0.0 } else { v }),
        Activation::Relu6 => y[0].mapv_inplace(|v| v.clamp(0.0, 6.0)),
    }
    if let Some(gate) = gate {
        let most = if epilogue.gate == Gate::Relu6 { 6.0 } else { f64::INFINITY };
        y[0].zip_mut_with(&x[gate], |v, &gate| *v = if gate > 0.0 && gate < most { *v } else { 0.0 });
    }
    y
}

/// The sample with an epilogue. Fused ops have no gradient rule.
fn with(product: Product, epilogue: Epilogue, mut inputs: Vec<Arg>) -> AnySample {
    let bare = FusedProduct { product: product.clone(), epilogue: Epilogue::default(), wide: false };
    let types: Vec<_> = inputs.iter().map(|a| a.ty.clone()).collect();
    let sizes = bare.infer(&types).expect("a sample is valid")[0].sizes();
    let channels = &sizes[sizes.len() - 1..];
    let gate = Arg::float(&sizes, 7);
    let flags = gate.data.iter().map(|&v| f64::from(u8::from(v > 0.25))).collect();
    let gate = if epilogue.gate == Gate::Flags { Arg::of(DType::Bool, &sizes, flags) } else { gate };
    let made = [Arg::float(channels, 3), Arg::float(&sizes, 6), gate];
    inputs.extend(operands(epilogue).into_iter().zip(made).filter_map(|(is, arg)| is.map(|_| arg)));
    of(FusedProduct { product, epilogue, wide: false }, inputs)
}

fn of(fused: FusedProduct, inputs: Vec<Arg>) -> AnySample {
    let FusedProduct { product, epilogue, .. } = fused.clone();
    AnySample {
        op: Op::Fused(Fused::Product(fused)),
        inputs,
        smooth: false,
        ulps: 8.0,
        oracle: Box::new(move |x| oracle(&product, epilogue, x)),
    }
}

/// Every sample of the bare products with one of the epilogues, in turn.
pub(crate) fn samples() -> Vec<AnySample> {
    let products = |s: Sample<MatMul>| (Product::MatMul(s.op), s.inputs);
    let convolutions = |s: Sample<Conv2d>| (Product::Conv2d(s.op), s.inputs);
    let mut bare: Vec<_> = MatMul::samples().into_iter().map(products).collect();
    bare.extend(Conv2d::samples().into_iter().map(convolutions));
    // A sum so long that it is cut into parts.
    let op = MatMul { transpose_a: false, transpose_b: false };
    for _ in 0..4 {
        bare.push((Product::MatMul(op), vec![Arg::float(&[5, 300], 1), Arg::float(&[300, 6], 2)]));
    }
    let (none, relu, relu6) = (Activation::None, Activation::Relu, Activation::Relu6);
    let epilogue =
        |bias, addend, activation, gate| Epilogue { bias, addend, activation, gate, moments: false };
    let plain = [
        epilogue(true, false, relu, Gate::None),
        epilogue(true, false, none, Gate::None),
        epilogue(false, false, relu, Gate::None),
        epilogue(true, false, relu6, Gate::None),
    ];
    let joining = [
        epilogue(true, true, relu, Gate::None),
        epilogue(false, true, none, Gate::Relu),
        epilogue(false, false, none, Gate::Relu6),
        epilogue(false, true, none, Gate::Flags),
    ];
    let gradients = Conv2dInputGrad::samples().into_iter().map(|s| (Product::InputGrad(s.op), s.inputs));
    let joined: Vec<_> = bare.iter().step_by(3).cloned().chain(gradients).collect();
    let all = |bare: Vec<(Product, Vec<Arg>)>, epilogues: [Epilogue; 4]| {
        let one = move |((product, inputs), epilogue)| with(product, epilogue, inputs);
        bare.into_iter().zip(epilogues.into_iter().cycle()).map(one)
    };
    let mut samples: Vec<AnySample> = all(bare, plain).chain(all(joined, joining)).collect();
    let not_a_number = Arg::of(DType::F32, &[2], vec![f64::NAN, 0.5]);
    let inputs = vec![Arg::float(&[3, 4], 4), Arg::float(&[4, 2], 5), not_a_number];
    samples.push(of(FusedProduct { product: Product::MatMul(op), epilogue: plain[0], wide: false }, inputs));
    samples.extend(wide());
    samples
}

/// Products whose results are float32 whatever their operands are.
fn wide() -> impl Iterator<Item = AnySample> {
    let products = MatMul::samples().into_iter().map(|s| (Product::MatMul(s.op), s.inputs));
    let convolutions = Conv2d::samples().into_iter().map(|s| (Product::Conv2d(s.op), s.inputs));
    let inputs = Conv2dInputGrad::samples().into_iter().map(|s| (Product::InputGrad(s.op), s.inputs));
    let kernels = Conv2dKernelGrad::samples().into_iter().map(|s| (Product::KernelGrad(s.op), s.inputs));
    let all = products.step_by(5).chain(convolutions.step_by(3)).chain(inputs).chain(kernels);
    all.map(|(product, inputs)| {
        of(FusedProduct { product, epilogue: Epilogue::default(), wide: true }, inputs)
    })
}
