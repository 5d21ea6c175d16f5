//! One run of a plan, on whatever device it is for.

use crate::cache::{CompiledPlan, Executable};
use crate::gpu::{self, Flight, Halt};
use crate::machine::Machine;
use crate::memory::Buffer;
use crate::operand::Operand;
use crate::{cpu, fault};
use fovea_core::Result;

/// A run that [`start`] began.
pub(crate) enum Started {
    /// Complete.
    Done,
    /// On its way to a GPU.
    Flying(Flying),
}

/// A run on its way to a GPU.
pub(crate) struct Flying(Flight);

/// Runs a plan, or sends it on its way, with one operand for each leaf. `outputs` are written in place
/// where they fit and nobody else holds them; otherwise they are replaced. Runs with the same halt word
/// stop writing variables together.
pub(crate) fn start(
    machine: &mut Machine,
    compiled: &CompiledPlan,
    operands: &[Operand],
    outputs: &mut Vec<Buffer>,
    halt: &mut Halt,
) -> Result<Started> {
    match &compiled.run {
        Executable::Cpu(plan) => cpu::run(machine, plan, operands, outputs).map(|()| Started::Done),
        Executable::Gpu(plan) => {
            fault::point("gpu");
            let flight = gpu::start(machine.gpu(plan.index)?, plan, operands, outputs, halt)?;
            Ok(Started::Flying(Flying(flight)))
        }
    }
}

impl Flying {
    /// Waits for the run of that plan; gives its outputs, if they are numbers.
    pub fn finish(self, machine: &mut Machine, compiled: &CompiledPlan) -> Result<Vec<f64>> {
        match &compiled.run {
            Executable::Gpu(plan) => self.0.finish(machine.gpu(plan.index)?, plan),
            Executable::Cpu(_) => Ok(vec![]),
        }
    }
}
