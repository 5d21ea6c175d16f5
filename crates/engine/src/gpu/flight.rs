//! A run that was submitted and may not have been done yet.

use super::run::{Placed, Report};
use super::{GpuMachine, GpuPlan, trouble};
use fovea_core::Result;
use fovea_gpu::Ticket;
use std::sync::Arc;

/// A run on its way: what it will report, and where its values lie, to say what went wrong.
pub(crate) struct Flight {
    pub(super) ticket: Arc<Ticket>,
    pub(super) report: Option<Report>,
    pub(super) placed: Placed,
}

impl Flight {
    /// Waits for the run; gives its outputs, if they are numbers. If its loss was not finite it wrote no
    /// variable, nor will any later run with the same halt word.
    pub fn finish(self, machine: &mut GpuMachine, compiled: &GpuPlan) -> Result<Vec<f64>> {
        let Some(report) = self.report else {
            self.ticket.wait()?;
            return Ok(vec![]);
        };
        let (numbers, halted) = report.read(&self.ticket)?;
        if !halted {
            return Ok(numbers);
        }
        machine.make_idle()?;
        Err(trouble::explain(machine, compiled, &self.placed))
    }
}
