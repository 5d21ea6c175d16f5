//! When a loss is not finite: where that began.

use super::run::Placed;
use super::{GpuMachine, GpuPlan, State};
use crate::culprit::Culprit;
use fovea_core::{DType, Error, Result};
use fovea_gpu::Memory;
use fovea_graph::lower::Loc;
use fovea_graph::plan::{GUARD, Place};

/// Runs the phases up to the guard again, one by one, and names the first node whose result is not
/// finite, or the operand that was not. No variable has been written, so the same values appear.
pub(super) fn explain(machine: &GpuMachine, compiled: &GpuPlan, placed: &Placed) -> Error {
    match search(machine, compiled, placed) {
        Ok(error) | Err(error) => error,
    }
}

fn search(machine: &GpuMachine, compiled: &GpuPlan, placed: &Placed) -> Result<Error> {
    let plan = &compiled.plan;
    let finite = |loc: Loc| -> Result<bool> {
        let extent = plan.extents[loc.0 as usize];
        if !extent.dtype.is_some_and(DType::is_float) {
            return Ok(true);
        }
        let (memory, offset) = &placed.places[loc.0 as usize];
        Ok(floats(machine, memory, *offset, extent.bytes)?.iter().all(|v| v.is_finite()))
    };
    let mut found = None;
    for (i, place) in plan.places.iter().enumerate() {
        let Place::Leaf(leaf) = *place else { continue };
        if found.is_none() && !finite(Loc(i as u32))? {
            let index = leaf as usize;
            found = Some(Culprit::Leaf { index, kind: plan.leaves[index].kind });
        }
    }
    let mut state = compiled.lock();
    let state = State::of(&mut state, machine, plan)?;
    let mut loss = f32::NAN;
    for (phase, bound) in plan.phases.iter().zip(&mut state.bound) {
        if phase.name == GUARD {
            let (memory, offset) = &placed.places[phase.inputs[0].0 as usize];
            loss = floats(machine, memory, *offset, 4)?.first().copied().unwrap_or(loss);
            break;
        }
        let mut stream = machine.device.stream();
        bound.record(&machine.device, &mut stream, plan, phase, placed)?;
        stream.submit()?.wait()?;
        if found.is_some() || phase.results.is_empty() {
            continue;
        }
        for &output in &phase.outputs {
            if !finite(output)? {
                found = Some(Culprit::result(phase));
                break;
            }
        }
    }
    let error = Error::not_finite(loss);
    Ok(match found {
        Some(culprit) => culprit.blamed(error),
        None => error,
    })
}

fn floats(machine: &GpuMachine, memory: &Memory, offset: usize, bytes: usize) -> Result<Vec<f32>> {
    let mut words = vec![0; bytes];
    machine.device.read(memory, offset, &mut words)?;
    Ok(words.as_chunks::<4>().0.iter().map(|&b| f32::from_ne_bytes(b)).collect())
}
