//! When a loss is not finite: where that began.

use crate::culprit::Culprit;
use crate::operand::{Operand, Slot};
use fovea_core::{Bf16, DType, Error, TensorType};
use fovea_graph::lower::CpuWork;
use fovea_graph::lower::Io;
use fovea_graph::plan::{GUARD, Plan};
use std::slice;
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
        if !finite(&buffer.ty, buffer.ptr()) {
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
            if !finite(ty, at) {
                return Culprit::result(phase).blamed(error);
            }
        }
    }
    error
}

/// Whether a value has neither infinities nor NaN.
fn finite(ty: &TensorType, at: *const u8) -> bool {
    let count = ty.elements();
    // SAFETY: a value of `count` elements of this dtype lies here, complete and not being written.
    unsafe {
        match ty.dtype {
            DType::F32 => slice::from_raw_parts(at.cast::<f32>(), count).iter().all(|v| v.is_finite()),
            DType::Bf16 => {
                slice::from_raw_parts(at.cast::<Bf16>(), count).iter().all(|v| v.to_f32().is_finite())
            }
            _ => true,
        }
    }
}
