//! One run of a plan on a GPU: finds where everything lies, records every phase, submits once.

use super::bound::loc;
use super::flight::Flight;
use super::{GpuMachine, GpuPlan, Halt, State};
use crate::fault;
use crate::memory::Buffer;
use crate::operand::{Operand, encode};
use crate::operands::{Slots, commit, in_place, lock, tear};
use fovea_core::{Code, DType, Error, Result};
use fovea_gpu::{Device, Memory, Stream};
use fovea_graph::gpu::{Operand as Role, word};
use fovea_graph::lower::Phase;
use fovea_graph::plan::{Place, Plan};
use fovea_graph::target::GpuWork;
use std::sync::Arc;

/// Bytes of each number in a report.
const REPORTED: usize = 8;

/// Where a run's values lie, by their number in the plan, and the halt word.
pub(super) struct Placed {
    pub places: Vec<(Memory, usize)>,
    pub halt: Memory,
}

impl Placed {
    pub fn at(&self, phase: &Phase<GpuWork>, operand: Role) -> Result<(&Memory, usize)> {
        let place = match (operand, loc(phase, operand)) {
            (Role::Halt, _) => Some((&self.halt, 0)),
            (_, Some(loc)) => self.places.get(loc.0 as usize).map(|(memory, offset)| (memory, *offset)),
            _ => None,
        };
        place.ok_or_else(|| Error::internal(format!("{} has no operand {}", phase.name, operand.name())))
    }
}

/// Submits one run with one operand for each leaf. `outputs` are written in place where they fit and
/// nobody else holds them; otherwise they are replaced. The run is on its way when this returns.
pub(crate) fn start(
    machine: &mut GpuMachine,
    compiled: &GpuPlan,
    operands: &[Operand],
    outputs: &mut Vec<Buffer>,
    halt: &mut Halt,
) -> Result<Flight> {
    let flight = submit(machine, compiled, operands, outputs, halt);
    if flight.is_err() {
        halt.forget();
    }
    flight
}

fn submit(
    machine: &mut GpuMachine,
    compiled: &GpuPlan,
    operands: &[Operand],
    outputs: &mut Vec<Buffer>,
    halt: &mut Halt,
) -> Result<Flight> {
    let plan = &compiled.plan;
    machine.make_room()?;
    let mut state = compiled.lock();
    let state = State::of(&mut state, machine, plan)?;
    let mut slots = lock(plan, operands)?;
    let mut stream = machine.device.stream();
    let given = state.feed_numbers(&mut stream, plan, operands, machine.device.limits().align)?;
    prepare_outputs(machine, plan, outputs)?;
    let leaves = Leaves::of(machine, &mut stream, state, operands, &slots)?;
    let mut fresh = fresh_memory(machine, &mut stream, plan, &slots, &leaves)?;
    let arena = machine.arena(plan.arena_bytes)?;
    let place = |place: &Place| -> Result<(Memory, usize)> {
        Ok(match *place {
            Place::Arena(offset) => (arena.clone(), offset),
            Place::Kept(_) => return Err(Error::internal("a plan for a GPU keeps something")),
            Place::Leaf(i) => leaves.places[i as usize].clone(),
            Place::Output(k) => (on_device(&outputs[k as usize])?, 0),
            Place::Assigned(k) => match &fresh[k as usize] {
                Some(buffer) => (on_device(buffer)?, 0),
                None => leaves.places[plan.writes[k as usize].leaf as usize].clone(),
            },
        })
    };
    let places = plan.places.iter().map(place).collect::<Result<Vec<_>>>()?;
    let halt = halt.word(machine, &mut stream)?;
    let placed = Placed { places, halt };
    for (phase, bound) in plan.phases.iter().zip(&mut state.bound) {
        bound.record(&machine.device, &mut stream, plan, phase, &placed).map_err(|e| e.at(phase.origin))?;
    }
    let report = report(&mut stream, compiled, state, &placed, outputs)?;
    if fault::hit("gpu lost") {
        machine.device.destroy();
    }
    let ticket = match stream.submit() {
        Ok(ticket) => Arc::new(ticket),
        Err(e) => {
            if e.code != Code::NoDevice {
                tear(plan, &mut slots);
            }
            return Err(e);
        }
    };
    machine.in_flight.push_back(ticket.clone());
    state.given = given;
    leaves.keep(machine, operands, &slots);
    for (write, _) in plan.writes.iter().zip(&fresh).filter(|(_, fresh)| fresh.is_none()) {
        if let Some(slot) = &mut slots[write.leaf as usize] {
            slot.buffer.leave_host();
        }
    }
    commit(plan, &mut slots, &mut fresh);
    Ok(Flight { ticket, report, placed })
}

impl State {
    /// What belongs to the machine's device, made once for each.
    pub fn of<'a>(
        known: &'a mut Option<State>,
        machine: &GpuMachine,
        plan: &Plan<GpuWork>,
    ) -> Result<&'a mut State> {
        let device = &machine.device;
        known.take_if(|state| !state.device.same(device));
        match known {
            Some(state) => Ok(state),
            None => Ok(known.insert(State::new(device, plan)?)),
        }
    }

    fn new(device: &Device, plan: &Plan<GpuWork>) -> Result<State> {
        Ok(State {
            device: device.clone(),
            numbers: device.memory((plan.leaves.len() * device.limits().align).max(4))?,
            given: vec![None; plan.leaves.len()],
            report: device.memory((plan.outputs.len() + 1) * REPORTED)?,
            bound: plan.phases.iter().map(|_| Default::default()).collect(),
        })
    }

    /// Sends the numbers that leaves are given, those that changed; gives all that are there then.
    fn feed_numbers(
        &self,
        stream: &mut Stream,
        plan: &Plan<GpuWork>,
        operands: &[Operand],
        align: usize,
    ) -> Result<Vec<Option<[u8; 8]>>> {
        let mut given = self.given.clone();
        for (i, (operand, leaf)) in operands.iter().zip(&plan.leaves).enumerate() {
            let Operand::Number(n) = operand else { continue };
            let dtype = leaf.ty.dtype;
            let bytes = encode(*n, dtype);
            if given[i] != Some(bytes) {
                let mut words = [0; 8];
                let size = word::size(dtype);
                word::widen(dtype, &bytes[..dtype.size()], &mut words[..size]);
                stream.upload(&self.numbers, i * align, &words[..size])?;
                given[i] = Some(bytes);
            }
        }
        Ok(given)
    }
}

/// Where leaves lie, and which of them were sent in this run.
struct Leaves {
    places: Vec<(Memory, usize)>,
    sent: Vec<bool>,
}

impl Leaves {
    fn of(
        machine: &mut GpuMachine,
        stream: &mut Stream,
        state: &State,
        operands: &[Operand],
        slots: &Slots,
    ) -> Result<Leaves> {
        let align = machine.device.limits().align;
        let mut leaves = Leaves { places: vec![], sent: vec![] };
        for (i, (operand, slot)) in operands.iter().zip(slots).enumerate() {
            let buffer = match (operand, slot) {
                (Operand::Buffer(buffer), _) => Some(buffer),
                (_, Some(slot)) => Some(&slot.buffer),
                _ => None,
            };
            let (memory, offset, sent) = match buffer {
                Some(buffer) => {
                    let (memory, sent) = machine.upload(stream, buffer)?;
                    (memory, 0, sent)
                }
                None => (state.numbers.clone(), i * align, false),
            };
            leaves.places.push((memory, offset));
            leaves.sent.push(sent);
        }
        Ok(leaves)
    }

    /// After the submission: buffers keep the copies that were sent.
    fn keep(&self, machine: &GpuMachine, operands: &[Operand], slots: &Slots) {
        for (i, (memory, _)) in self.places.iter().enumerate().filter(|&(i, _)| self.sent[i]) {
            let resident = machine.resident(memory.clone());
            match (&operands[i], &slots[i]) {
                (Operand::Buffer(buffer), _) => buffer.settle_on(resident),
                (_, Some(slot)) => slot.buffer.settle_on(resident),
                _ => {}
            }
        }
    }
}

fn on_device(buffer: &Buffer) -> Result<Memory> {
    let resident = buffer.on_device().ok_or_else(|| Error::internal("an output is not on the GPU"))?;
    Ok(resident.memory)
}

fn prepare_outputs(machine: &GpuMachine, plan: &Plan<GpuWork>, outputs: &mut Vec<Buffer>) -> Result<()> {
    let here = |b: &Buffer| b.on_device().is_some_and(|r| r.gpu.same(&machine.device));
    let mut reusable = outputs.len() == plan.outputs.len()
        && outputs.iter().zip(&plan.outputs).all(|(b, ty)| b.ty == *ty && b.is_unique() && here(b));
    reusable = reusable && outputs.iter_mut().all(Buffer::leave_host);
    if !reusable {
        let make = |ty: &fovea_core::TensorType| {
            Ok(Buffer::resident(ty.clone(), machine.resident(machine.memory(ty)?)))
        };
        *outputs = plan.outputs.iter().map(make).collect::<Result<_>>()?;
    }
    Ok(())
}

/// Memory for the new contents of variables whose old contents must stay. It begins as a copy of the
/// old: if the loss is not finite nothing else is written there.
fn fresh_memory(
    machine: &GpuMachine,
    stream: &mut Stream,
    plan: &Plan<GpuWork>,
    slots: &Slots,
    leaves: &Leaves,
) -> Result<Vec<Option<Buffer>>> {
    let mut fresh = Vec::with_capacity(plan.writes.len());
    for write in &plan.writes {
        if in_place(write, slots) {
            fresh.push(None);
            continue;
        }
        let ty = &plan.leaves[write.leaf as usize].ty;
        let memory = machine.memory(ty)?;
        if plan.guarded {
            let (old, offset) = &leaves.places[write.leaf as usize];
            let bytes = ty.elements() * word::size(ty.dtype);
            stream.copy(old, *offset, &memory, 0, bytes);
        }
        fresh.push(Some(Buffer::resident(ty.clone(), machine.resident(memory))));
    }
    Ok(fresh)
}

/// What a run tells: its outputs, if they are numbers, and whether it halted.
pub(super) struct Report {
    pub download: fovea_gpu::Download,
    pub dtypes: Vec<DType>,
}

impl Report {
    /// The numbers, and whether a loss was not finite.
    pub fn read(self, ticket: &fovea_gpu::Ticket) -> Result<(Vec<f64>, bool)> {
        let bytes = self.download.get(ticket)?;
        let number = |(k, &dtype): (usize, &DType)| {
            let at = k * REPORTED;
            let mut host = [0; 8];
            word::narrow(dtype, &bytes[at..at + word::size(dtype)], &mut host[..dtype.size()]);
            crate::memory::number(dtype, &host)
        };
        let numbers = self.dtypes.iter().enumerate().map(number).collect();
        let halted = bytes.last_chunk::<REPORTED>().is_some_and(|last| last[..4] != [0; 4]);
        Ok((numbers, halted))
    }
}

fn report(
    stream: &mut Stream,
    compiled: &GpuPlan,
    state: &State,
    placed: &Placed,
    outputs: &[Buffer],
) -> Result<Option<Report>> {
    let numbers = compiled.reports_numbers() && !outputs.is_empty();
    if !numbers && !compiled.plan.guarded {
        return Ok(None);
    }
    let report = &state.report;
    let mut dtypes = Vec::new();
    for (k, output) in outputs.iter().enumerate().filter(|_| numbers) {
        stream.copy(&on_device(output)?, 0, report, k * REPORTED, word::size(output.ty.dtype));
        dtypes.push(output.ty.dtype);
    }
    stream.copy(&placed.halt, 0, report, dtypes.len() * REPORTED, 4);
    let download = stream.download(report, 0, (dtypes.len() + 1) * REPORTED)?;
    Ok(Some(Report { download, dtypes }))
}
