//! Composites against formulas written out in f64, numbers that Keras gives, and central
//! differences.

mod spatial;

use super::*;
use crate::checked::Arg;
use crate::conformance::{check_gradients, evaluate};
use crate::graph::Value;
use fovea_core::{Code, Dim, Shape};
use ndarray::{ArrayD, Axis, arr1, arr2};

/// The composite's results in f64.
fn values(op: impl Into<Composite>, x: &[Arg]) -> Vec<ArrayD<f64>> {
    let op = op.into();
    let b = Builder::new();
    let leaves: Vec<Sym> =
        x.iter().map(|a| b.leaf(Leaf { kind: LeafKind::Input, ty: a.ty.clone() })).collect();
    let outputs: Vec<Value> = b.apply(op.clone(), &leaves).iter().map(|y| y.value).collect();
    let graph = b.finish(outputs, vec![], None).unwrap_or_else(|e| panic!("{}: {e}", op.name()));
    let types: Vec<TensorType> = x.iter().map(|a| a.ty.clone()).collect();
    let inferred: Vec<Vec<usize>> = op.infer(&types).unwrap().iter().map(TensorType::sizes).collect();
    let data: Vec<ArrayD<f64>> = x.iter().map(|a| a.data.clone()).collect();
    let results = evaluate(&graph, &data);
    assert!(results.iter().map(|y| y.shape()).eq(inferred.iter().map(Vec::as_slice)), "{}", op.name());
    results
}

fn value(op: impl Into<Composite>, x: &[Arg]) -> ArrayD<f64> {
    values(op, x).remove(0)
}

fn floats(sizes: &[usize], data: &[f64]) -> Arg {
    Arg::of(DType::F32, sizes, data.to_vec())
}

fn ints(sizes: &[usize], data: &[f64]) -> Arg {
    Arg::of(DType::I32, sizes, data.to_vec())
}

/// Equal to `tolerance` times the magnitude.
#[track_caller]
fn assert_close(received: &ArrayD<f64>, expected: impl Into<ArrayD<f64>>, tolerance: f64) {
    let expected = expected.into();
    assert_eq!(received.shape(), expected.shape());
    for (r, e) in received.iter().zip(&expected) {
        assert!((r - e).abs() <= tolerance * e.abs().max(1.0), "received {received}, expected {expected}");
    }
}

/// Every output's gradient for every float input.
#[track_caller]
fn check(op: impl Into<Composite>, x: &[Arg]) {
    let op = op.into();
    for output in 0..values(op.clone(), x).len() {
        check_gradients(op.name(), x, &|b, x| {
            let y = b.apply(op.clone(), x)[output];
            // So that no two elements weigh the same.
            y * (y + 3.0)
        });
    }
}

/// From 0.1 to 0.9: probabilities.
fn shares(sizes: &[usize], seed: u64) -> Arg {
    let arg = Arg::float(sizes, seed);
    let data: Vec<f64> = arg.data.iter().map(|v| f64::from((0.5 + 0.4 * v) as f32)).collect();
    floats(sizes, &data)
}

#[test]
fn softmax_is_its_formula() {
    for axis in [0, 1, -1] {
        let x = Arg::float(&[4, 5, 3], 1);
        let along = Axis(if axis == -1 { 2 } else { axis as usize });
        let e = x.data.mapv(f64::exp);
        let expected = &e / &e.sum_axis(along).insert_axis(along);
        assert_close(&value(Softmax { axis }, std::slice::from_ref(&x)), expected.clone(), 1e-12);
        assert_close(&value(LogSoftmax { axis }, std::slice::from_ref(&x)), expected.mapv(f64::ln), 1e-12);
        check(Softmax { axis }, std::slice::from_ref(&x));
        check(LogSoftmax { axis }, &[x]);
    }
}

#[test]
fn softmax_of_large_numbers_does_not_overflow() {
    let x = floats(&[3], &[1e4, 1e4, -1e4]);
    assert_close(
        &value(Softmax { axis: 0 }, std::slice::from_ref(&x)),
        arr1(&[0.5, 0.5, 0.0]).into_dyn(),
        1e-12,
    );
    let half = -std::f64::consts::LN_2;
    assert_close(&value(LogSoftmax { axis: 0 }, &[x]), arr1(&[half, half, -2e4 + half]).into_dyn(), 1e-12);
}

#[test]
fn log_sum_exp_is_its_formula() {
    let x = Arg::float(&[2, 3, 4], 2);
    for (axes, keepdims, shape) in [
        (vec![], false, vec![]),
        (vec![1], true, vec![2, 1, 4]),
        (vec![0, -1], false, vec![3]),
        (vec![2], false, vec![2, 3]),
    ] {
        let mut sums = x.data.mapv(f64::exp);
        for axis in super::super::ops::axes::axes("", &axes, &x.ty.shape).unwrap().into_iter().rev() {
            sums = sums.sum_axis(Axis(axis)).insert_axis(Axis(axis));
        }
        let expected = sums.mapv(f64::ln).into_shape_with_order(shape).unwrap();
        assert_close(
            &value(LogSumExp { axes: axes.clone(), keepdims }, std::slice::from_ref(&x)),
            expected,
            1e-12,
        );
        check(LogSumExp { axes, keepdims }, std::slice::from_ref(&x));
    }
    let nothing =
        value(LogSumExp { axes: vec![], keepdims: false }, &[floats(&[2], &[f64::NEG_INFINITY; 2])]);
    assert_eq!(nothing.first(), Some(&f64::NEG_INFINITY));
}

#[test]
fn moments_are_mean_and_population_variance() {
    let x = Arg::float(&[3, 2, 4], 3);
    let results = values(Moments { axes: vec![0, 1] }, std::slice::from_ref(&x));
    let rows = x.data.clone().into_shape_with_order((6, 4)).unwrap();
    let shape = [1, 1, 4];
    let mean = rows.mean_axis(Axis(0)).unwrap().into_shape_with_order(shape).unwrap();
    let variance = rows.var_axis(Axis(0), 0.0).into_shape_with_order(shape).unwrap();
    assert_close(&results[0], mean.into_dyn(), 1e-12);
    assert_close(&results[1], variance.into_dyn(), 1e-12);
    for axes in [vec![0, 1], vec![], vec![-1]] {
        check(Moments { axes }, std::slice::from_ref(&x));
    }
}

#[test]
fn moments_have_second_derivatives() {
    check_gradients("the gradient of moments", &[Arg::float(&[5, 2], 4)], &|b, x| {
        let y = b.apply(Composite::from(Moments { axes: vec![0] }), x)[1];
        let g = b.one(crate::ops::Op::Grad(crate::autodiff::GradOp), &[y * y, x[0]]);
        g * g
    });
}

#[test]
fn batch_normalize_is_its_formula() {
    let x = Arg::float(&[3, 2, 4], 5);
    let [mean, gamma, beta] = [6, 7, 8].map(|seed| Arg::float(&[4], seed));
    let variance = shares(&[4], 9);
    let op = |scale, center| BatchNormalize { axis: -1, epsilon: Float::new(1e-3), scale, center };
    let normal = (&x.data - &mean.data) / (&variance.data + 1e-3).mapv(f64::sqrt);
    let [x, mean, variance, gamma, beta] = [&x, &mean, &variance, &gamma, &beta].map(Arg::clone);
    let plain = [x.clone(), mean.clone(), variance.clone()];
    let with = |more: &[&Arg]| plain.iter().chain(more.iter().copied()).cloned().collect::<Vec<Arg>>();
    for (op, inputs, expected) in [
        (op(false, false), with(&[]), normal.clone()),
        (op(true, false), with(&[&gamma]), &normal * &gamma.data),
        (op(false, true), with(&[&beta]), &normal + &beta.data),
        (op(true, true), with(&[&gamma, &beta]), &normal * &gamma.data + &beta.data),
    ] {
        assert_close(&value(op.clone(), &inputs), expected, 1e-12);
        check(op, &inputs);
    }
}

#[test]
fn batch_normalize_takes_the_channels_at_any_axis_and_kept_moments() {
    let x = Arg::float(&[3, 2, 4], 5);
    let mean = Arg::float(&[2], 6);
    let variance = shares(&[2], 7);
    let op = BatchNormalize { axis: 1, epsilon: Float::new(0.5), scale: false, center: false };
    let flat = value(op.clone(), &[x.clone(), mean.clone(), variance.clone()]);
    let kept = |a: &Arg| floats(&[1, 2, 1], &a.data.iter().copied().collect::<Vec<_>>());
    assert_eq!(flat, value(op.clone(), &[x.clone(), kept(&mean), kept(&variance)]));
    let e = op_error(op, &[&[3, 2, 4], &[4], &[2]]);
    assert_eq!(
        e,
        "batchNormalize: expected mean of shape [2] or [1, 2, 1] for a tensor of shape [3, 2, 4], received [4]"
    );
}

/// The message for float operands of these shapes.
fn op_error(op: impl Into<Composite>, shapes: &[&[usize]]) -> String {
    let types: Vec<TensorType> = shapes.iter().map(|s| TensorType::f32(s)).collect();
    let error = op.into().infer(&types).unwrap_err();
    assert_eq!(error.code, Code::ShapeMismatch);
    error.message
}

const TRUE: [f64; 6] = [0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
const PREDICTED: [f64; 6] = [0.05, 0.95, 0.0, 0.1, 0.8, 0.1];

fn categorical(from_logits: bool, smoothing: f64) -> CategoricalCrossentropy {
    CategoricalCrossentropy { from_logits, label_smoothing: Float::new(smoothing), axis: -1 }
}

fn binary(from_logits: bool, smoothing: f64) -> BinaryCrossentropy {
    BinaryCrossentropy { from_logits, label_smoothing: Float::new(smoothing) }
}

fn sparse(from_logits: bool) -> SparseCategoricalCrossentropy {
    SparseCategoricalCrossentropy { from_logits }
}

/// What Keras 3.15.1 with TensorFlow gives, in float32, for each sample.
#[test]
#[allow(clippy::approx_constant)] // Recorded numbers: that some are near a constant is no accident.
fn losses_are_kerass() {
    let t = floats(&[2, 3], &TRUE);
    let (p, z) = (floats(&[2, 3], &PREDICTED), floats(&[2, 3], &[0.3, -1.2, 2.0, 1.5, 0.25, -0.5]));
    // No row sums to 1.
    let uneven = floats(&[2, 3], &PREDICTED.map(|p| 2.0 * p + 0.1));
    let along_samples = CategoricalCrossentropy { axis: 0, ..categorical(true, 0.0) };
    let bits = floats(&[2, 2], &[0.0, 1.0, 0.0, 0.0]);
    let (q, w) = (floats(&[2, 2], &[0.6, 0.4, 0.4, 0.6]), floats(&[2, 2], &[-2.6, 0.51, 2.94, -1.8]));
    let labels = ints(&[2], &[1.0, 2.0]);
    let column = ints(&[2, 1], &[1.0, 2.0]);
    let recorded: [(Composite, &Arg, &Arg, &[f64]); 15] = [
        (categorical(false, 0.0).into(), &t, &p, &[0.051_293_306, 2.302_585_1]),
        (categorical(false, 0.2).into(), &t, &p, &[1.318_709_5, 2.163_955_7]),
        (categorical(true, 0.0).into(), &t, &z, &[3.401_671_2, 2.351_951_8]),
        (categorical(true, 0.2).into(), &t, &z, &[3.088_337_9, 2.168_618_4]),
        (categorical(false, 0.0).into(), &t, &uneven, &[0.139_761_92, 2.036_881_9]),
        (along_samples.into(), &t, &z, &[0.0, 1.660_723, 2.578_889_8]),
        (binary(false, 0.0).into(), &bits, &q, &[0.916_290_76, 0.713_558_2]),
        (binary(false, 0.2).into(), &bits, &q, &[0.875_744_22, 0.713_558_2]),
        (binary(true, 0.0).into(), &bits, &w, &[0.270_978_99, 1.572_246_7]),
        (binary(true, 0.2).into(), &bits, &w, &[0.426_478_98, 1.515_246_6]),
        (sparse(false).into(), &labels, &p, &[0.051_293_444, 2.302_585_1]),
        (sparse(true).into(), &column, &z, &[3.401_671_2, 2.351_951_9]),
        (sparse(false).into(), &column, &uneven, &[0.262_364_33, 1.673_976_4]),
        (MeanSquaredError {}.into(), &t, &z, &[2.976_666_7, 1.520_833_4]),
        (MeanAbsoluteError {}.into(), &t, &z, &[1.5, 1.083_333_4]),
    ];
    for (op, t, y, expected) in recorded {
        assert_close(&value(op, &[t.clone(), y.clone()]), arr1(expected).into_dyn(), 1e-6);
    }
}

#[test]
fn losses_have_gradients() {
    let one_hot = floats(&[2, 3], &TRUE);
    let (p, logits) = (shares(&[2, 3], 1), Arg::float(&[2, 3], 2));
    let soft = shares(&[2, 3], 3);
    for smoothing in [0.0, 0.2] {
        check(categorical(false, smoothing), &[one_hot.clone(), p.clone()]);
        check(categorical(true, smoothing), &[soft.clone(), logits.clone()]);
        check(binary(false, smoothing), &[soft.clone(), p.clone()]);
        check(binary(true, smoothing), &[one_hot.clone(), logits.clone()]);
    }
    let labels = ints(&[2], &[1.0, 2.0]);
    check(sparse(false), &[labels.clone(), p.clone()]);
    check(sparse(true), &[labels, logits.clone()]);
    check(MeanSquaredError {}, &[soft.clone(), logits.clone()]);
    check(MeanAbsoluteError {}, &[soft, logits]);
}

#[test]
fn labels_and_predictions_meet_as_in_keras() {
    let column = floats(&[3, 1], &[1.0, 2.0, 4.0]);
    let flat = floats(&[3], &[0.0, 4.0, 4.0]);
    let expected = arr1(&[1.0, 4.0, 0.0]).into_dyn();
    assert_close(&value(MeanSquaredError {}, &[flat.clone(), column.clone()]), expected.clone(), 0.0);
    assert_close(&value(MeanSquaredError {}, &[column, flat]), expected, 0.0);
    // Of higher rank the side of 1 is taken away, and the mean goes over what is then last.
    let maps = [floats(&[1, 2, 2, 1], &[1.0, 2.0, 3.0, 4.0]), floats(&[1, 2, 2], &[0.0; 4])];
    assert_close(&value(MeanAbsoluteError {}, &maps), arr2(&[[1.5, 3.5]]).into_dyn(), 0.0);
    // Bytes of images do not wrap.
    let bytes = [Arg::of(DType::U8, &[1, 2], vec![0.0, 255.0]), floats(&[1, 2], &[1.0, 0.0])];
    assert_close(&value(MeanSquaredError {}, &bytes), arr1(&[(1.0 + 255.0 * 255.0) / 2.0]).into_dyn(), 0.0);
}

#[test]
fn shape_errors_name_the_loss_and_what_came() {
    assert_eq!(
        op_error(sparse(true), &[&[64, 10], &[64, 10]]),
        "sparseCategoricalCrossentropy: expected integer labels of shape [64] for predictions of shape [64, 10], \
         received [64, 10]. Use CategoricalCrossentropy for one-hot labels."
    );
    assert_eq!(
        op_error(categorical(true, 0.0), &[&[64], &[64, 10]]),
        "categoricalCrossentropy: expected one-hot labels of shape [64, 10], as the predictions, received [64]. \
         Use SparseCategoricalCrossentropy for integer labels."
    );
    assert_eq!(
        op_error(MeanSquaredError {}, &[&[64, 3], &[64, 10]]),
        "meanSquaredError: expected labels of shape [64, 10], as the predictions, received [64, 3]"
    );
    assert_eq!(
        op_error(binary(true, 0.0), &[&[], &[]]),
        "binaryCrossentropy: expected predictions with at least one axis, received []"
    );
    let e = Composite::from(Softmax { axis: 2 }).infer(&[TensorType::f32(&[2, 3])]).unwrap_err();
    assert_eq!(e.code, Code::BadArgument);
    assert!(e.message.starts_with("softmax: expected an axis from -2 to 1"), "{}", e.message);
}

#[test]
fn unknown_sides_stay_unknown() {
    let ty = |dtype, dims: &[Dim]| TensorType::new(dtype, Shape::new(dims.to_vec()));
    let x = ty(DType::F32, &[None, None, Some(10)]);
    let rows = ty(DType::F32, &[None, None]);
    let infer = |op: Composite, x: &[&TensorType]| {
        op.infer(&x.iter().map(|&t| t.clone()).collect::<Vec<_>>()).unwrap_or_else(|e| panic!("{e}"))
    };
    assert_eq!(infer(Softmax { axis: -1 }.into(), &[&x]), std::slice::from_ref(&x));
    assert_eq!(
        infer(LogSumExp { axes: vec![2], keepdims: false }.into(), &[&x]),
        std::slice::from_ref(&rows)
    );
    let kept = ty(DType::F32, &[Some(1), Some(1), Some(10)]);
    assert_eq!(infer(Moments { axes: vec![0, 1] }.into(), &[&x]), [kept.clone(), kept.clone()]);
    let normalize = BatchNormalize { axis: -1, epsilon: Float::new(1e-3), scale: false, center: false };
    assert_eq!(infer(normalize.into(), &[&x, &kept, &kept]), std::slice::from_ref(&x));
    let labels = ty(DType::I32, &[None, None]);
    assert_eq!(infer(sparse(true).into(), &[&labels, &x]), std::slice::from_ref(&rows));
    let column = ty(DType::U8, &[None, None, Some(1)]);
    assert_eq!(infer(sparse(false).into(), &[&column, &x]), std::slice::from_ref(&rows));
    assert_eq!(infer(categorical(false, 0.1).into(), &[&x, &x]), std::slice::from_ref(&rows));
    assert_eq!(infer(binary(true, 0.1).into(), &[&x, &x]), std::slice::from_ref(&rows));
    assert_eq!(infer(MeanSquaredError {}.into(), &[&x, &x]), [rows]);
}

#[test]
fn attributes_are_read_from_json() {
    let parsed =
        Composite::parse("categoricalCrossentropy", r#"{"fromLogits":true,"labelSmoothing":0.1,"axis":-1}"#);
    assert_eq!(parsed.unwrap().unwrap(), categorical(true, 0.1).into());
    assert!(Composite::parse("conv2d", "{}").is_none());
    let e = Composite::parse("softmax", r#"{"axes":[1]}"#).unwrap().unwrap_err();
    assert_eq!(e.code, Code::BadArgument);
    assert!(e.message.starts_with("softmax: unknown field `axes`"), "{}", e.message);
}

#[test]
fn bfloat16_stays_what_it_is_but_in_losses() {
    let narrow = |sizes: &[usize]| TensorType::new(DType::Bf16, Shape::of(sizes));
    let dtype = |op: Composite, x: &[TensorType]| op.infer(x).unwrap()[0].dtype;
    let (image, channels) = (narrow(&[2, 4, 4, 3]), narrow(&[3]));
    let normalize = BatchNormalize { axis: -1, epsilon: Float::new(1e-3), scale: false, center: false };
    for (op, x) in [
        (Softmax { axis: -1 }.into(), vec![image.clone()]),
        (LogSoftmax { axis: -1 }.into(), vec![image.clone()]),
        (LogSumExp { axes: vec![1], keepdims: false }.into(), vec![image.clone()]),
        (Moments { axes: vec![0, 1, 2] }.into(), vec![image.clone()]),
        (normalize.into(), vec![image.clone(), channels.clone(), channels.clone()]),
        (AdaptiveMaxPool { output_size: vec![2, 2] }.into(), vec![image.clone()]),
    ] {
        assert_eq!(dtype(op, &x), DType::Bf16);
    }
    let pair = [image.clone(), image];
    assert_eq!(dtype(MeanSquaredError {}.into(), &pair), DType::F32);
}
