//! Every op that takes float32 on bfloat16: its results, on every instruction set of this machine, are
//! those of the f64 oracle, rounded, and its gradients are those of float32.

use super::check::{check, fused};
use super::cpu::{Manner, run};
use super::gradients::{float_leaves, gradients, graph_of};
use super::interpret::evaluate;
use crate::checked::{AnySample, Arg};
use crate::ops::all_samples;
use crate::target::Cpu;
use fovea_core::DType;
use fovea_kernels::isa::Isa;
use std::collections::BTreeSet;

/// Samples with their float32 inputs in this dtype, all with the numbers that bfloat16 has.
fn samples(dtype: DType) -> Vec<AnySample> {
    let floats = |sample: &AnySample| sample.inputs.iter().any(|arg| arg.ty.dtype == DType::F32);
    let of = |arg: Arg| {
        let to = |dtype, arg: &Arg| Arg::of(dtype, &arg.ty.sizes(), arg.data.iter().copied().collect());
        if arg.ty.dtype == DType::F32 { to(dtype, &to(DType::Bf16, &arg)) } else { arg }
    };
    let rounded = |sample: AnySample| {
        let inputs = sample.inputs.into_iter().map(of).collect();
        AnySample { inputs, ..sample }
    };
    all_samples().into_iter().filter(floats).map(rounded).collect()
}

#[test]
fn kernels_are_their_oracles_rounded() {
    let (mut runs, mut wrong, mut names) = (0, Vec::new(), BTreeSet::new());
    let available: Vec<Isa> = Isa::ALL.into_iter().filter(|isa| isa.is_available()).collect();
    for sample in &samples(DType::Bf16) {
        for &isa in &available {
            let graph = fused(sample, &Cpu::new(isa));
            let outputs = run(isa, sample, &graph, Manner::Plain);
            wrong.extend(check(&format!("{isa:?}"), sample, &outputs).err());
            if outputs != run(isa, sample, &graph, Manner::Awkward) {
                wrong.push(format!("{} on {isa:?}: the order of chunks shows", sample.describe()));
            }
            runs += 1;
        }
        names.insert(sample.op.name());
    }
    let shown: Vec<&str> = wrong.iter().take(30).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} of {runs} runs are wrong:\n{}", wrong.len(), shown.join("\n"));
    assert!(names.len() >= 25, "only {names:?}");
}

#[test]
fn gradients_have_the_dtype_of_what_they_are_of() {
    let mut compared = 0;
    for (narrow, wide) in samples(DType::Bf16).into_iter().zip(samples(DType::F32)) {
        let types = narrow.op.infer(&narrow.types()).expect("a sample is valid");
        let Some(output) = types.iter().position(|ty| ty.dtype.is_float()) else { continue };
        let wrt = float_leaves(&narrow.inputs);
        let [narrow, wide] = [narrow, wide].map(|sample| {
            let graph = graph_of(&sample.inputs, &|b, x| {
                let wrt: Vec<_> = wrt.iter().map(|&i| x[i]).collect();
                gradients(b, b.apply(sample.op.clone(), x)[output], &wrt)
            });
            for (&i, &gradient) in wrt.iter().zip(&graph.outputs) {
                assert_eq!(*graph.ty(gradient), sample.inputs[i].ty, "{}", sample.describe());
            }
            let at: Vec<_> = sample.inputs.iter().map(|arg| arg.data.clone()).collect();
            (sample.describe(), evaluate(&graph, &at))
        });
        assert_eq!(narrow.1, wide.1, "{} and {}", narrow.0, wide.0);
        compared += wrt.len();
    }
    assert!(compared > 500, "{compared}");
}
