use super::{Reduce, ReduceKind};
use crate::checked::{Arg, Checked, Sample};
use crate::conformance::gradient_of;
use crate::ops::axes;
use fovea_core::{DType, Shape};
use ndarray::{ArrayD, Axis};

impl Checked for Reduce {
    fn samples() -> Vec<Sample<Reduce>> {
        use ReduceKind::*;
        let reduce = |kind, axes: &[i64], keepdims| Reduce { kind, axes: axes.to_vec(), keepdims };
        let shapes: [(&[usize], &[i64], bool); 8] = [
            (&[7], &[], false),
            (&[3, 5], &[1], false),
            (&[3, 5], &[0], true),
            (&[2, 3, 4], &[0, 2], false),
            (&[2, 9, 8, 33], &[0, 1, 2], true),
            (&[4, 1, 6], &[1], false),
            (&[5, 70], &[-1], true),
            (&[1, 1], &[0], false),
        ];
        let mut samples = Vec::new();
        for (i, (sizes, axes, keepdims)) in shapes.into_iter().enumerate() {
            let float = Arg::float(sizes, i as u64);
            samples.extend([Sum, Mean].map(|k| Sample::new(reduce(k, axes, keepdims), vec![float.clone()])));
            samples.extend([Max, Min].map(|k| Sample::exact(reduce(k, axes, keepdims), vec![float.clone()])));
            // Near 1, so that a product of hundreds stays a number worth comparing.
            let near_one = Arg::of(
                DType::F32,
                sizes,
                float.data.iter().map(|v| f64::from((1.0 + v / 8.0) as f32)).collect(),
            );
            // Each of the n multiplications rounds once: n·ε of the product.
            let mut product = Sample::new(reduce(Prod, axes, keepdims), vec![near_one]);
            product.ulps = 8.0 + sizes.iter().product::<usize>() as f64;
            samples.push(product);
            let bools = Arg::ints(DType::Bool, sizes, 2, i as u64);
            samples.extend(
                [All, Any, Sum, Max].map(|k| Sample::exact(reduce(k, axes, keepdims), vec![bools.clone()])),
            );
            for dtype in [DType::I32, DType::I64, DType::U8, DType::I8, DType::U32] {
                let ints = Arg::ints(dtype, sizes, 100, i as u64);
                samples.extend(
                    [Sum, Max, Min].map(|k| Sample::exact(reduce(k, axes, keepdims), vec![ints.clone()])),
                );
                samples.push(Sample::new(reduce(Mean, axes, keepdims), vec![ints]));
            }
        }
        // So long that a device may cut a sum into parts.
        for (sizes, axis) in [([9001, 3], 0), ([3, 9001], 1), ([9001, 1], 0)] {
            let float = Arg::float(&sizes, 9);
            samples.extend([Sum, Mean].map(|k| Sample::new(reduce(k, &[axis], false), vec![float.clone()])));
            // The least two are too close together for differences.
            samples.push(Sample::exact(reduce(Min, &[axis], true), vec![float]).rough());
            for dtype in [DType::I32, DType::I64, DType::U8] {
                let ints = Arg::ints(dtype, &sizes, 100, 9);
                samples.push(Sample::exact(reduce(Sum, &[axis], false), vec![ints]));
            }
            let bools = Arg::ints(DType::Bool, &sizes, 2, 9);
            samples.push(Sample::exact(reduce(Any, &[axis], false), vec![bools]));
        }
        // More than fits uint8 or int8: sums are taken in 32 bits.
        samples.push(Sample::exact(reduce(Sum, &[], false), vec![Arg::of(DType::U8, &[3], vec![255.0; 3])]));
        samples
            .push(Sample::exact(reduce(Prod, &[], false), vec![Arg::of(DType::I8, &[3], vec![-100.0; 3])]));
        samples.push(Sample::exact(reduce(Sum, &[0], false), vec![Arg::of(DType::F32, &[0, 3], vec![])]));
        samples.push(Sample::exact(reduce(Prod, &[1], true), vec![Arg::of(DType::F32, &[2, 0], vec![])]));
        // Ties: no central difference there.
        let ties = Arg::of(DType::F32, &[2, 3], vec![1.0, 2.0, 2.0, -1.0, -1.0, -1.0]);
        samples.push(Sample::exact(reduce(Max, &[1], false), vec![ties]).rough());
        samples
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let shape = Shape::of(x[0].shape());
        let axes = axes::axes("reduce", &self.axes, &shape).expect("samples have good axes");
        let count: usize = axes.iter().map(|&a| x[0].shape()[a]).product();
        let step = |acc: f64, v: f64| match self.kind {
            ReduceKind::Sum | ReduceKind::Mean => acc + v,
            ReduceKind::Prod => acc * v,
            ReduceKind::Max => acc.max(v),
            ReduceKind::Min => acc.min(v),
            ReduceKind::All => f64::from(acc != 0.0 && v != 0.0),
            ReduceKind::Any => f64::from(acc != 0.0 || v != 0.0),
        };
        let start = match self.kind {
            ReduceKind::Sum | ReduceKind::Mean | ReduceKind::Any => 0.0,
            ReduceKind::Prod | ReduceKind::All => 1.0,
            ReduceKind::Max => f64::NEG_INFINITY,
            ReduceKind::Min => f64::INFINITY,
        };
        let mut y = x[0].clone();
        for &a in axes.iter().rev() {
            y = y.fold_axis(Axis(a), start, |&acc, &v| step(acc, v));
            if self.keepdims {
                y = y.insert_axis(Axis(a));
            }
        }
        if self.kind == ReduceKind::Mean {
            y /= count as f64;
        }
        vec![y]
    }
}

fn gradient(op: Reduce, x: Arg) -> Vec<f64> {
    gradient_of(&op.into(), &[x]).into_iter().collect()
}

/// TensorFlow and Keras share the gradient of a maximum among ties.
#[test]
fn ties_share_the_gradient() {
    let max = Reduce { kind: ReduceKind::Max, axes: vec![1], keepdims: false };
    let x = Arg::of(DType::F32, &[2, 3], vec![1.0, 2.0, 2.0, -1.0, -1.0, -1.0]);
    let third = 1.0 / 3.0;
    assert_eq!(gradient(max, x), [0.0, 0.5, 0.5, third, third, third]);
}

/// No zero, one, two: the product of the others, without a division by 0.
#[test]
fn a_product_with_zeros_has_a_gradient() {
    let prod = Reduce { kind: ReduceKind::Prod, axes: vec![1], keepdims: false };
    let x = Arg::of(DType::F32, &[3, 3], vec![4.0, 2.0, 0.5, 0.0, 2.0, 3.0, 0.0, 5.0, 0.0]);
    assert_eq!(gradient(prod, x), [1.0, 2.0, 8.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
}
