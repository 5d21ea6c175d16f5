//! Samples of products with an epilogue, from those of the bare products.

use super::{FusedProduct, Product};
use crate::checked::{AnySample, Arg, Checked, Sample};
use crate::fuse::Fused;
use crate::ops::{Conv2d, Conv2dInputGrad, Conv2dKernelGrad, MatMul, Op};
use fovea_core::DType;
use fovea_kernels::gemm::{Activation, Epilogue};
use ndarray::ArrayD;

/// The sum in f64 and what follows it; a NaN stays one.
fn oracle(product: &Product, epilogue: Epilogue, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
    let mut y = match product {
        Product::Conv2d(op) => op.oracle(&x[..2]),
        Product::MatMul(op) => op.oracle(&x[..2]),
        Product::InputGrad(op) => op.oracle(&x[..2]),
        Product::KernelGrad(op) => op.oracle(&x[..2]),
    };
    if epilogue.bias {
        y[0] += &x[2];
    }
    match epilogue.activation {
        Activation::None => {}
        Activation::Relu => y[0].mapv_inplace(|v| if v <= 0.0 { 0.0 } else { v }),
        Activation::Relu6 => y[0].mapv_inplace(|v| v.clamp(0.0, 6.0)),
    }
    y
}

/// The sample with an epilogue. Fused ops have no gradient rule.
fn with(product: Product, epilogue: Epilogue, mut inputs: Vec<Arg>, bias: Arg) -> AnySample {
    if epilogue.bias {
        inputs.push(bias);
    }
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

/// Every sample of the bare products with one of the four epilogues, in turn.
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
    let relu = Activation::Relu;
    let epilogues = [
        Epilogue { bias: true, activation: relu },
        Epilogue { bias: true, activation: Activation::None },
        Epilogue { bias: false, activation: relu },
        Epilogue { bias: true, activation: Activation::Relu6 },
    ];
    let one = |(i, (product, inputs)): (usize, (Product, Vec<Arg>))| {
        let bare = FusedProduct { product: product.clone(), epilogue: Epilogue::default(), wide: false };
        let types: Vec<_> = inputs.iter().map(|a| a.ty.clone()).collect();
        let y = bare.infer(&types).expect("a sample is valid");
        let channels = *y[0].sizes().last().expect("a product has sides");
        with(product, epilogues[i % 4], inputs, Arg::float(&[channels], 3))
    };
    let mut samples: Vec<AnySample> = bare.into_iter().enumerate().map(one).collect();
    let not_a_number = Arg::of(DType::F32, &[2], vec![f64::NAN, 0.5]);
    let inputs = vec![Arg::float(&[3, 4], 4), Arg::float(&[4, 2], 5)];
    samples.push(with(Product::MatMul(op), epilogues[0], inputs, not_a_number));
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
