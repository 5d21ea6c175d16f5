//! What a run is given, checked and locked: the same for every device.

use crate::memory::Buffer;
use crate::operand::{Operand, Slot, Variable};
use fovea_core::{Error, Result, TensorType};
use fovea_graph::plan::{Plan, Write};
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicU64, Ordering};

/// By leaf: the variable's slot, if it is one.
pub(crate) type Slots<'a> = Vec<Option<MutexGuard<'a, Slot>>>;

/// How many runs there were; a variable is claimed with the number of its run, 0 before the first.
static RUNS: AtomicU64 = AtomicU64::new(1);

/// Locks the variables for the whole run, so that nobody sees half a step; those that it writes have new
/// versions, whatever becomes of it. Refuses operands that are not what the plan was compiled for.
pub(crate) fn lock<'a, W>(plan: &Plan<W>, operands: &'a [Operand]) -> Result<Slots<'a>> {
    check(plan, operands)?;
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let mut slots: Slots = Vec::with_capacity(operands.len());
    for (i, operand) in operands.iter().enumerate() {
        slots.push(match operand {
            Operand::Variable(v) => {
                if !v.claim(run) {
                    return Err(Error::argument(format!("operand {i} is a variable that was given before")));
                }
                let slot = Variable::lock(v);
                slot.check()?;
                Some(slot)
            }
            _ => None,
        });
    }
    check_slots(plan, &slots)?;
    for write in &plan.writes {
        slots[write.leaf as usize].iter_mut().for_each(|slot| slot.renew());
    }
    Ok(slots)
}

/// Refuses operands that are not what the plan was compiled for.
fn check<W>(plan: &Plan<W>, operands: &[Operand]) -> Result<()> {
    if operands.len() != plan.leaves.len() {
        let (want, got) = (plan.leaves.len(), operands.len());
        return Err(Error::argument(format!("the plan takes {want} operands, received {got}")));
    }
    for (i, (operand, leaf)) in operands.iter().zip(&plan.leaves).enumerate() {
        let fits = match operand {
            Operand::Buffer(b) => b.ty == leaf.ty,
            // Checked under its lock.
            Operand::Variable(_) => true,
            Operand::Number(_) => leaf.ty.elements() == 1,
        };
        if !fits {
            return Err(mismatch(i, &leaf.ty, operand));
        }
    }
    let mut written = plan.writes.iter().map(|write| write.leaf as usize);
    match written.find(|&i| !matches!(operands[i], Operand::Variable(_))) {
        Some(i) => Err(Error::argument(format!("operand {i} is written by the plan and must be a variable"))),
        None => Ok(()),
    }
}

fn mismatch(i: usize, want: &TensorType, got: &Operand) -> Error {
    let got = match got {
        Operand::Buffer(b) => b.ty.to_string(),
        Operand::Variable(_) => "a variable of another type".into(),
        Operand::Number(n) => format!("the number {n}"),
    };
    Error::shape(format!("operand {i} must be {want}, received {got}"))
}

/// Refuses variables that are not what the plan was compiled for.
fn check_slots<W>(plan: &Plan<W>, slots: &Slots) -> Result<()> {
    for (i, (slot, leaf)) in slots.iter().zip(&plan.leaves).enumerate() {
        if let Some(slot) = slot.as_ref().filter(|s| s.buffer.ty != leaf.ty) {
            return Err(mismatch(i, &leaf.ty, &Operand::Buffer(slot.buffer.clone())));
        }
    }
    Ok(())
}

/// Whether a variable's new contents may go where its old ones are.
pub(crate) fn in_place(write: &Write, slots: &Slots) -> bool {
    write.in_place && slots[write.leaf as usize].as_ref().is_some_and(|slot| slot.buffer.is_unique())
}

/// Gives variables the buffers that were written for them.
pub(crate) fn commit<W>(plan: &Plan<W>, slots: &mut Slots, fresh: &mut [Option<Buffer>]) {
    for (write, fresh) in plan.writes.iter().zip(fresh) {
        if let (Some(slot), Some(buffer)) = (&mut slots[write.leaf as usize], fresh.take()) {
            slot.buffer = buffer;
        }
    }
}

/// Marks variables that a run may have written in part.
pub(crate) fn tear<W>(plan: &Plan<W>, slots: &mut Slots) {
    for slot in plan.writes.iter().filter(|w| w.in_place).map(|w| w.leaf as usize) {
        if let Some(slot) = &mut slots[slot] {
            slot.torn = true;
        }
    }
}
