//! When a loss is not finite: where that began.

use crate::culprit::Culprit;
use crate::operand::{Operand, Slot};
use fovea_core::{DType, Error};
use fovea_graph::lower::CpuWork;
use fovea_graph::lower::Io;
use fovea_graph::plan::{GUARD, Plan};
use std::sync::MutexGuard;

/// Runs the phases up to the guard again, one by one, and names the first node whose result is not
/// finite, or the operand that was not. Nothing has been written yet, so the same values appear.
pub(crate) fn explain<'a>(
    error: Error,
    plan: &Plan<CpuWork>,
    operands: &[Operand],
    slots: &[Option<MutexGuard<'_, Slot>>],
    io: impl Fn(usize) -> Io<'a>,
) -> Error {
    for (index, (operand, slot)) in operands.iter().zip(slots).enumerate() {
        let buffer = match (operand, slot) {
            (Operand::Buffer(b), _) => b,
            (_, Some(slot)) => &slot.buffer,
            _ => continue,
        };
        if buffer.ty.dtype == DType::F32 && !finite(buffer.ptr(), buffer.ty.elements()) {
            return Culprit::Leaf { index, kind: plan.leaves[index].kind }.blamed(error);
        }
    }
    for (p, phase) in plan.phases.iter().enumerate().take_while(|(_, phase)| phase.name != GUARD) {
        let io = io(p);
        for chunk in 0..phase.work.chunks {
            if (phase.work.run)(&io, chunk).is_err() {
                return error;
            }
        }
        for (ty, &at) in phase.results.iter().zip(io.outputs) {
            if ty.dtype == DType::F32 && !finite(at, ty.elements()) {
                return Culprit::result(phase).blamed(error);
            }
        }
    }
    error
}

fn finite(at: *const u8, count: usize) -> bool {
    // SAFETY: a float32 value of `count` elements lies here, complete and not being written.
    let values = unsafe { std::slice::from_raw_parts(at.cast::<f32>(), count) };
    values.iter().all(|v| v.is_finite())
}
