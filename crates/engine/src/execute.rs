//! One run of a plan: finds where everything lies, runs the phases, gives variables their new
//! contents.

use crate::cache::CompiledPlan;
use crate::engine::Machine;
use crate::memory::Buffer;
use crate::operand::{Operand, Slot, Variable, encode};
use crate::pool::Work;
use crate::trouble;
use fovea_core::{Code, Error, Result, TensorType};
use fovea_graph::lower::{Io, Loc};
use fovea_graph::plan::{Place, Plan};
use std::sync::{Arc, MutexGuard};

/// What runs of one plan reuse, so that they allocate nothing.
#[derive(Default)]
pub(crate) struct RunState {
    /// The numbers that leaves of rank 0 are given.
    numbers: Vec<[u8; 8]>,
    pointers: Pointers,
}

/// Operand pointers, phase after phase.
#[derive(Default)]
struct Pointers {
    inputs: Vec<*const u8>,
    outputs: Vec<*mut u8>,
    /// For each phase: where its inputs and outputs begin, and its shared memory.
    phases: Vec<(usize, usize, *mut u8)>,
}

// SAFETY: the pointers are only read during the run that wrote them.
unsafe impl Send for Pointers {}
// SAFETY: as above.
unsafe impl Sync for Pointers {}

/// Runs a plan with one operand for each leaf. `outputs` are written in place where they fit and
/// nobody else holds them; otherwise they are replaced.
pub(crate) fn run(
    machine: &mut Machine,
    compiled: &CompiledPlan,
    operands: &[Operand],
    outputs: &mut Vec<Buffer>,
) -> Result<()> {
    let plan = &compiled.plan;
    check(plan, operands)?;
    prepare_outputs(plan, outputs)?;
    machine.reserve(plan.arena_bytes, plan.scratch_bytes)?;
    let mut slots = lock(operands)?;
    check_slots(plan, &slots)?;
    let mut fresh = fresh_storage(plan, &slots)?;
    let mut state = compiled.lock();
    let RunState { numbers, pointers } = &mut *state;
    numbers.clear();
    numbers.extend(operands.iter().zip(&plan.leaves).map(|(o, leaf)| match o {
        Operand::Number(n) => encode(*n, leaf.ty.dtype),
        _ => [0; 8],
    }));
    let leaf = |i: usize| match (&operands[i], &slots[i]) {
        (Operand::Buffer(b), _) => b.ptr(),
        (_, Some(slot)) => slot.buffer.ptr(),
        _ => numbers[i].as_ptr().cast_mut(),
    };
    let locate = |loc: Loc| match plan.places[loc.0 as usize] {
        // SAFETY: the plan's offsets lie within the arena it asked for.
        Place::Arena(offset) => unsafe { machine.arena.ptr().add(offset) },
        Place::Leaf(i) => leaf(i as usize),
        Place::Output(k) => outputs[k as usize].ptr(),
        Place::Assigned(k) => match &fresh[k as usize] {
            Some(buffer) => buffer.ptr(),
            None => leaf(plan.writes[k as usize].leaf as usize),
        },
    };
    pointers.fill(plan, locate);
    let chunk = |phase: usize, chunk: usize, scratch: *mut u8| {
        (plan.phases[phase].run)(&pointers.io(plan, phase, scratch), chunk)
    };
    let work =
        Work { phases: &plan.phases, chunk: &chunk, scratch: &machine.scratch_pointers, cost: plan.cost };
    match machine.pool.run(&work, &compiled.progress) {
        Ok(()) => {
            commit(plan, &mut slots, &mut fresh);
            Ok(())
        }
        Err((_, e)) if e.code == Code::NotFinite => Err(trouble::explain(e, plan, operands, &slots, |p| {
            pointers.io(plan, p, work.scratch[0] as *mut u8)
        })),
        Err((phase, e)) => {
            if phase >= plan.first_write {
                tear(plan, &mut slots);
            }
            Err(e)
        }
    }
}

impl Pointers {
    fn fill(&mut self, plan: &Plan, locate: impl Fn(Loc) -> *mut u8) {
        self.inputs.clear();
        self.outputs.clear();
        self.phases.clear();
        for phase in &plan.phases {
            let temp = phase.temp.map_or(std::ptr::null_mut(), &locate);
            self.phases.push((self.inputs.len(), self.outputs.len(), temp));
            self.inputs.extend(phase.inputs.iter().map(|&l| locate(l).cast_const()));
            self.outputs.extend(phase.outputs.iter().map(|&l| locate(l)));
        }
    }

    fn io(&self, plan: &Plan, phase: usize, scratch: *mut u8) -> Io<'_> {
        let (inputs, outputs, temp) = self.phases[phase];
        let phase = &plan.phases[phase];
        Io {
            inputs: &self.inputs[inputs..inputs + phase.inputs.len()],
            outputs: &self.outputs[outputs..outputs + phase.outputs.len()],
            temp,
            scratch,
        }
    }
}

/// Refuses operands that are not what the plan was compiled for.
fn check(plan: &Plan, operands: &[Operand]) -> Result<()> {
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
        let variable = matches!(operand, Operand::Variable(_));
        if plan.writes.iter().any(|w| w.leaf as usize == i) && !variable {
            return Err(Error::argument(format!(
                "operand {i} is written by the plan and must be a variable"
            )));
        }
    }
    Ok(())
}

fn mismatch(i: usize, want: &TensorType, got: &Operand) -> Error {
    let got = match got {
        Operand::Buffer(b) => b.ty.to_string(),
        Operand::Variable(_) => "a variable of another type".into(),
        Operand::Number(n) => format!("the number {n}"),
    };
    Error::shape(format!("operand {i} must be {want}, received {got}"))
}

fn prepare_outputs(plan: &Plan, outputs: &mut Vec<Buffer>) -> Result<()> {
    let reusable = outputs.len() == plan.outputs.len()
        && outputs.iter().zip(&plan.outputs).all(|(b, ty)| b.ty == *ty && b.is_unique());
    if !reusable {
        *outputs = plan.outputs.iter().map(|ty| Buffer::zeros(ty.clone())).collect::<Result<_>>()?;
    }
    Ok(())
}

type Slots<'a> = Vec<Option<MutexGuard<'a, Slot>>>;

/// Locks the variables for the whole run, so that nobody sees half a step.
fn lock(operands: &[Operand]) -> Result<Slots<'_>> {
    let mut slots: Slots = Vec::with_capacity(operands.len());
    for (i, operand) in operands.iter().enumerate() {
        slots.push(match operand {
            Operand::Variable(v) => {
                let twice = |o: &Operand| matches!(o, Operand::Variable(u) if Arc::ptr_eq(u, v));
                if operands[..i].iter().any(twice) {
                    return Err(Error::argument(format!("operand {i} is a variable that was given before")));
                }
                let slot = Variable::lock(v);
                slot.check()?;
                Some(slot)
            }
            _ => None,
        });
    }
    Ok(slots)
}

/// Refuses variables that are not what the plan was compiled for.
fn check_slots(plan: &Plan, slots: &Slots) -> Result<()> {
    for (i, (slot, leaf)) in slots.iter().zip(&plan.leaves).enumerate() {
        if let Some(slot) = slot.as_ref().filter(|s| s.buffer.ty != leaf.ty) {
            return Err(mismatch(i, &leaf.ty, &Operand::Buffer(slot.buffer.clone())));
        }
    }
    Ok(())
}

/// Memory for the new contents of variables whose old contents must stay.
fn fresh_storage(plan: &Plan, slots: &Slots) -> Result<Vec<Option<Buffer>>> {
    let one = |w: &fovea_graph::plan::Write| match &slots[w.leaf as usize] {
        Some(slot) if w.in_place && slot.buffer.is_unique() => Ok(None),
        _ => Buffer::zeros(plan.leaves[w.leaf as usize].ty.clone()).map(Some),
    };
    plan.writes.iter().map(one).collect()
}

fn commit(plan: &Plan, slots: &mut Slots, fresh: &mut [Option<Buffer>]) {
    for (write, fresh) in plan.writes.iter().zip(fresh) {
        if let (Some(slot), Some(buffer)) = (&mut slots[write.leaf as usize], fresh.take()) {
            slot.buffer = buffer;
        }
    }
}

fn tear(plan: &Plan, slots: &mut Slots) {
    for slot in plan.writes.iter().filter(|w| w.in_place).map(|w| w.leaf as usize) {
        if let Some(slot) = &mut slots[slot] {
            slot.torn = true;
        }
    }
}
