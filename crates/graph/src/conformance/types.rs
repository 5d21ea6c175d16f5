//! The shape rule says what is computed, also while a side is unknown.

use super::samples;
use crate::builder::Builder;
use crate::checked::AnySample;
use crate::graph::{Leaf, LeafKind};
use fovea_core::{Shape, TensorType};

/// The type with its first side unknown.
fn forget_first(ty: &TensorType) -> TensorType {
    let dims = ty.shape.iter().enumerate().map(|(i, &d)| if i == 0 { None } else { d });
    TensorType::new(ty.dtype, dims.collect())
}

/// Whether a side that is known in both is the same in both.
fn agrees(partial: &Shape, full: &Shape) -> bool {
    partial.rank() == full.rank() && partial.iter().zip(full.iter()).all(|(p, f)| p.is_none() || p == f)
}

/// Forgets the first side of some inputs; gives whether the op still had an answer.
fn check_partial(sample: &AnySample, forget: impl Fn(usize) -> bool) -> bool {
    let types = sample.types();
    let full = sample.op.infer(&types).expect("a sample is valid");
    let partial: Vec<TensorType> =
        types.iter().enumerate().map(|(i, t)| if forget(i) { forget_first(t) } else { t.clone() }).collect();
    let Ok(inferred) = sample.op.infer(&partial) else { return false };
    assert_eq!(inferred.len(), full.len(), "{}", sample.describe());
    for (p, f) in inferred.iter().zip(&full) {
        assert!(p.dtype == f.dtype && agrees(&p.shape, &f.shape), "{}: {p} is not {f}", sample.describe());
    }
    true
}

#[test]
fn inferred_types_are_those_of_what_is_computed() {
    let samples = samples();
    for sample in &samples {
        let inferred =
            sample.op.infer(&sample.types()).unwrap_or_else(|e| panic!("{}: {e}", sample.describe()));
        let x: Vec<_> = sample.inputs.iter().map(|a| a.data.clone()).collect();
        let computed: Vec<Vec<usize>> = (sample.oracle)(&x).iter().map(|y| y.shape().to_vec()).collect();
        let sizes: Vec<Vec<usize>> = inferred.iter().map(TensorType::sizes).collect();
        assert_eq!(sizes, computed, "{}", sample.describe());

        let b = Builder::new();
        let leaf = |ty: TensorType| b.leaf(Leaf { kind: LeafKind::Input, ty });
        let leaves: Vec<_> = sample.types().into_iter().map(leaf).collect();
        let built: Vec<TensorType> = b.apply(sample.op.clone(), &leaves).iter().map(|y| y.ty()).collect();
        assert_eq!(built, inferred, "{}: the builder disagrees", sample.describe());
    }
    assert!(samples.len() > 1000, "only {} samples", samples.len());
}

#[test]
fn an_unknown_first_side_agrees_with_the_known_one() {
    let (mut answered, mut asked) = (0, 0);
    for sample in &samples() {
        for i in 0..sample.inputs.len() {
            answered += usize::from(check_partial(sample, |j| j == i));
            asked += 1;
        }
        answered += usize::from(check_partial(sample, |_| true));
        asked += 1;
    }
    assert!(answered > asked / 4, "{answered} of {asked} were answered");
}
