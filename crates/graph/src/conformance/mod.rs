//! Walks every sample of every op, and every line of the elementwise table, and holds it against
//! definitions from outside: shape rules against what is computed, kernels against f64 oracles,
//! gradient graphs against central differences. Nobody lists ops here.

mod bfloat16;
mod check;
mod cpu;
mod definitions;
mod edges;
mod elementwise;
mod finishing;
mod folding;
mod gpu;
mod gradients;
mod interpret;
mod mapped;
mod memory;
mod moments;
mod naga;
mod padding;
mod pooled;
mod rematerialising;
mod totals;
mod types;

pub(crate) use definitions::{erf, erfc, erfinv, gcd, next_after};
pub(crate) use gradients::{check_gradients, gradient_of};
pub(crate) use interpret::evaluate;

use crate::checked::{AnySample, Arg};
use crate::ops::{Op, all_samples};
use fovea_core::TensorType;
use ndarray::ArrayD;

/// The samples of all kernel ops, of the elementwise table and of products with an epilogue.
fn samples() -> Vec<AnySample> {
    let mut samples = all_samples();
    samples.extend(crate::fuse::samples());
    samples.extend(elementwise::samples());
    samples
}

impl AnySample {
    /// Inputs to run a graph with, whose results the test itself checks.
    fn unchecked(op: impl Into<Op>, inputs: &[Arg]) -> AnySample {
        let oracle = Box::new(|_: &[ArrayD<f64>]| unreachable!("the test knows what is right"));
        AnySample { op: op.into(), inputs: inputs.to_vec(), smooth: false, ulps: 0.0, oracle }
    }

    fn types(&self) -> Vec<TensorType> {
        self.inputs.iter().map(|a| a.ty.clone()).collect()
    }

    /// The op, its attributes and the types of its inputs, for messages.
    fn describe(&self) -> String {
        let inputs: Vec<String> = self.inputs.iter().map(|a| a.ty.to_string()).collect();
        match &self.op {
            Op::Kernel(kernel) => format!("{kernel:?} of {}", inputs.join(", ")),
            op => format!("{} of {}", op.name(), inputs.join(", ")),
        }
    }
}
