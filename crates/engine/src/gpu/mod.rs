//! Plans on a GPU: one submission a run, results read when somebody asks.

mod bound;
mod flight;
mod run;
mod trouble;

use crate::memory::{Buffer, Resident};
use bound::Bound;
use fovea_core::Result;
use fovea_gpu::{Device, Memory, Stream, Ticket};
use fovea_graph::gpu::word;
use fovea_graph::plan::Plan;
use fovea_graph::target::GpuWork;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use flight::Flight;
pub(crate) use run::start;

/// How many runs may be on their way to the GPU: enough that it never waits for us, few enough that
/// what they hold stays small.
const IN_FLIGHT: usize = 4;

/// An open GPU, as the compute thread has it.
pub(crate) struct GpuMachine {
    pub device: Device,
    arena: Option<Memory>,
    /// A buffer's bytes as the GPU wants them, on their way there.
    words: Vec<u8>,
    in_flight: VecDeque<Arc<Ticket>>,
}

impl GpuMachine {
    pub fn new(device: Device) -> GpuMachine {
        GpuMachine { device, arena: None, words: vec![], in_flight: VecDeque::new() }
    }

    /// The arena, of at least so many bytes.
    fn arena(&mut self, bytes: usize) -> Result<Memory> {
        match &self.arena {
            Some(arena) if arena.bytes() >= bytes => Ok(arena.clone()),
            _ => {
                // The old one goes first: both together may not fit.
                self.arena = None;
                Ok(self.arena.insert(self.device.memory(bytes.max(4))?).clone())
            }
        }
    }

    /// Memory for values of a type, with whatever was there.
    fn memory(&self, ty: &fovea_core::TensorType) -> Result<Memory> {
        self.device.memory((ty.elements() * word::size(ty.dtype)).max(4))
    }

    /// The copy of a buffer in this GPU's memory. One that is made now is there when the stream was
    /// submitted: only then may the buffer keep it.
    fn upload(&mut self, stream: &mut Stream, buffer: &Buffer) -> Result<(Memory, bool)> {
        if let Some(Resident { gpu, memory }) = buffer.on_device()
            && gpu.same(&self.device)
        {
            return Ok((memory, false));
        }
        let host = buffer.bytes()?;
        let memory = self.memory(&buffer.ty)?;
        self.words.resize(buffer.ty.elements() * word::size(buffer.ty.dtype), 0);
        word::widen(buffer.ty.dtype, host, &mut self.words);
        if !self.words.is_empty() {
            stream.upload(&memory, 0, &self.words)?;
        }
        Ok((memory, true))
    }

    fn resident(&self, memory: Memory) -> Resident {
        Resident { gpu: self.device.clone(), memory }
    }

    /// Waits until there is room for one more run.
    fn make_room(&mut self) -> Result<()> {
        self.wait_until(IN_FLIGHT - 1)
    }

    /// Waits for all runs.
    fn make_idle(&mut self) -> Result<()> {
        self.wait_until(0)
    }

    fn wait_until(&mut self, left: usize) -> Result<()> {
        while self.in_flight.len() > left {
            if let Some(oldest) = self.in_flight.pop_front() {
                oldest.wait()?;
            }
        }
        Ok(())
    }
}

/// Runs that stop together: once a loss was not finite, none of those that are already on their way
/// writes a variable. It is one word in the GPU's memory, 0 until then.
#[derive(Default)]
pub(crate) struct Halt(Option<(Device, Memory)>);

impl Halt {
    fn word(&mut self, machine: &GpuMachine, stream: &mut Stream) -> Result<Memory> {
        match &self.0 {
            Some((device, word)) if device.same(&machine.device) => Ok(word.clone()),
            _ => {
                let word = machine.device.memory(4)?;
                stream.upload(&word, 0, &[0; 4])?;
                Ok(self.0.insert((machine.device.clone(), word)).1.clone())
            }
        }
    }

    /// Its word may not have been set to 0: the run that should have done so was never submitted.
    fn forget(&mut self) {
        self.0 = None;
    }
}

/// A plan for a GPU, and what its runs reuse.
pub(crate) struct GpuPlan {
    pub plan: Plan<GpuWork>,
    /// Which GPU.
    pub index: u32,
    /// `None` before the first run.
    state: Mutex<Option<State>>,
}

/// What belongs to one open device.
struct State {
    device: Device,
    /// Where the numbers lie that leaves of rank 0 are given, and which ones they are.
    numbers: Memory,
    given: Vec<Option<[u8; 8]>>,
    /// What a run reports: its outputs, if they are numbers, 8 bytes each, then the halt word.
    report: Memory,
    /// By phase.
    bound: Vec<Bound>,
}

impl GpuPlan {
    pub fn new(plan: Plan<GpuWork>, index: u32) -> GpuPlan {
        GpuPlan { plan, index, state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether all outputs are single numbers, which a run then reports.
    fn reports_numbers(&self) -> bool {
        self.plan.outputs.iter().all(|ty| ty.elements() == 1)
    }
}
