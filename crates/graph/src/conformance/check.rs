//! What every device's results are held against.

use super::memory::{decode, encode};
use crate::builder::Builder;
use crate::checked::AnySample;
use crate::fuse::fuse;
use crate::graph::{Graph, Leaf, LeafKind};
use crate::ops::Op;
use crate::target::Target;
use fovea_core::{DType, TensorType};
use ndarray::ArrayD;

/// The sample's op as a graph, fused as any other for this target.
pub(super) fn fused<T: Target>(sample: &AnySample, target: &T) -> Graph {
    let b = Builder::new();
    let leaf = |ty: TensorType| b.leaf(Leaf { kind: LeafKind::Input, ty });
    let leaves: Vec<_> = sample.types().into_iter().map(leaf).collect();
    let outputs = b.apply(sample.op.clone(), &leaves).iter().map(|y| y.value).collect();
    let graph = b.finish(outputs, vec![], None).unwrap_or_else(|e| panic!("{}: {e}", sample.describe()));
    fuse(graph, target)
}

/// What an output's error is measured in: Σ|a||b| for sums of products, which is the oracle of
/// absolute values; the result itself for elementwise ops.
fn magnitudes(sample: &AnySample, oracle: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
    match sample.op {
        Op::Elementwise(_) => oracle.iter().map(|y| y.mapv(f64::abs)).collect(),
        _ => {
            let x: Vec<_> = sample.inputs.iter().map(|a| a.data.mapv(f64::abs)).collect();
            (sample.oracle)(&x).iter().map(|y| y.mapv(f64::abs)).collect()
        }
    }
}

/// Half the distance between two bfloat16 at `x`: what rounding to one may add to an error.
fn half_a_place(x: f64) -> f64 {
    (x.log2().floor() - 8.0).exp2()
}

/// Checks the outputs' bytes against the oracle; gives the number of elements, or what is wrong.
pub(super) fn check(device: &str, sample: &AnySample, outputs: &[Vec<u8>]) -> Result<usize, String> {
    let x: Vec<_> = sample.inputs.iter().map(|a| a.data.clone()).collect();
    let oracle = (sample.oracle)(&x);
    let magnitudes = magnitudes(sample, &oracle);
    let types = sample.op.infer(&sample.types()).expect("a sample is valid");
    let mut checked = 0;
    for (out, ty) in types.iter().enumerate() {
        assert_eq!(outputs[out].len(), ty.bytes(), "{}: output {out}", sample.describe());
        // Integers wrap as they would in memory.
        let expected: Vec<f64> = match ty.dtype.is_float() {
            true => oracle[out].iter().copied().collect(),
            false => decode(ty.dtype, &encode(ty.dtype, oracle[out].iter().copied())),
        };
        let allowed = if ty.dtype.is_float() { sample.ulps * f64::from(f32::EPSILON) } else { 0.0 };
        let rounded = ty.dtype == DType::Bf16 && sample.ulps > 0.0;
        let received = decode(ty.dtype, &outputs[out]);
        for (i, ((r, e), m)) in received.iter().zip(&expected).zip(&magnitudes[out]).enumerate() {
            let rounding = if rounded { half_a_place(e.abs() + allowed * m) } else { 0.0 };
            let bound = allowed * m + rounding;
            let right = (r - e).abs() <= bound || r == e || r.is_nan() && e.is_nan();
            if !right {
                let what = sample.describe();
                return Err(format!(
                    "{what} on {device}: element {i} of output {out} is {r}, expected {e} ± {bound}"
                ));
            }
        }
        checked += received.len();
    }
    Ok(checked)
}
