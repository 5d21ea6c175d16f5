//! One epoch: batches from a source, a plan run for each, reports to a listener.

use crate::abort::Abort;
use crate::cache::CompiledPlan;
use crate::cpu::pool::panicked;
use crate::execute::{self, Flying, Started};
use crate::fault;
use crate::gpu::Halt;
use crate::machine::Machine;
use crate::memory::Buffer;
use crate::operand::Operand;
use crate::queue::{Flow, Gate, Job};
use fovea_core::{Code, Error, Result, Shape, TensorType};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many steps may be on their way to a GPU while nobody has heard of them: reading a step's numbers
/// at once would make the GPU wait for us.
const UNHEARD: usize = 3;

/// What a source gives next.
pub enum Next<'a> {
    Batch(Batch<'a>),
    /// Nothing yet: ask again when the gate opens.
    Wait(Gate),
    End,
}

/// A plan for one batch, and its operands.
pub struct Batch<'a> {
    pub plan: &'a Arc<CompiledPlan>,
    pub operands: &'a [Operand],
}

/// Where an epoch's batches come from.
pub trait Source: Send {
    fn next(&mut self) -> Result<Next<'_>>;
}

/// Who hears of an epoch. Called from the compute thread.
pub trait Listener: Send {
    /// A step is about to begin (counted from 0). A gate is waited for.
    fn begin(&mut self, step: usize) -> Option<Gate>;
    /// A step is complete; `logs` are its outputs, if they are numbers. A gate is waited for.
    fn end(&mut self, step: usize, logs: &[f64]) -> Option<Gate>;
    /// Whether to end the epoch after this step.
    fn stop(&self) -> bool;
    /// Whether it must have heard of a step before the next one begins.
    fn keeps_pace(&self) -> bool;
    /// The epoch is over; called once.
    fn finish(&mut self, result: Result<Epoch>);
}

/// What an epoch gave.
pub struct Epoch {
    pub steps: usize,
    /// The outputs of the last step, if they are numbers.
    pub logs: Vec<f64>,
    /// The outputs of all steps, joined along the first axis, if they were to be kept.
    pub collected: Vec<Buffer>,
    /// Whether the listener ended it.
    pub stopped: bool,
}

enum Stage {
    Begin,
    Run,
    Report,
}

/// A step that ran or is on its way, of which nobody has heard.
struct Unheard {
    step: usize,
    plan: Arc<CompiledPlan>,
    logs: Result<Vec<f64>, Flying>,
}

/// An epoch that is being run.
pub struct Session {
    source: Box<dyn Source>,
    listener: Box<dyn Listener>,
    abort: Arc<Abort>,
    /// At most so many steps; 0 means until the source ends.
    limit: usize,
    collect: bool,
    step: usize,
    stage: Stage,
    outputs: Vec<Buffer>,
    unheard: VecDeque<Unheard>,
    halt: Halt,
    logs: Vec<f64>,
    parts: Vec<Vec<Buffer>>,
}

impl Session {
    pub fn new(
        source: Box<dyn Source>,
        listener: Box<dyn Listener>,
        abort: Arc<Abort>,
        limit: usize,
        collect: bool,
    ) -> Session {
        Session {
            source,
            listener,
            abort,
            limit,
            collect,
            step: 0,
            stage: Stage::Begin,
            outputs: vec![],
            unheard: VecDeque::new(),
            halt: Halt::default(),
            logs: vec![],
            parts: vec![],
        }
    }

    fn advance(&mut self, machine: &mut Machine) -> Result<Flow> {
        if self.abort.aborted() {
            return Err(Error::new(Code::Aborted, "the run was aborted"));
        }
        if let Stage::Begin = self.stage {
            if self.listener.stop() || (self.limit > 0 && self.step == self.limit) {
                return self.complete(machine);
            }
            self.stage = Stage::Run;
            if let Some(gate) = self.listener.begin(self.step) {
                return Ok(Flow::Wait(gate));
            }
        }
        if let Stage::Run = self.stage {
            if self.listener.stop() {
                return self.complete(machine);
            }
            fault::point("source");
            let plan = match self.source.next()? {
                Next::Wait(gate) => return Ok(Flow::Wait(gate)),
                Next::End => return self.complete(machine),
                Next::Batch(Batch { plan, operands }) => {
                    let run = execute::start(machine, plan, operands, &mut self.outputs, &mut self.halt)?;
                    (plan.clone(), run)
                }
            };
            self.took(plan)?;
            self.stage = Stage::Report;
        }
        if let Stage::Report = self.stage {
            let unheard = if self.listener.keeps_pace() { 0 } else { UNHEARD };
            if let Some(gate) = self.report(machine, unheard)? {
                return Ok(Flow::Wait(gate));
            }
            self.stage = Stage::Begin;
        }
        Ok(Flow::Again)
    }

    /// Counts a step that was begun.
    fn took(&mut self, (plan, run): (Arc<CompiledPlan>, Started)) -> Result<()> {
        let logs = match run {
            Started::Flying(flying) => Err(flying),
            Started::Done if self.collect => Ok(vec![]),
            Started::Done => Ok(self.outputs.iter().map(Buffer::number).collect::<Result<_>>()?),
        };
        if self.collect {
            self.parts.push(std::mem::take(&mut self.outputs));
        }
        self.unheard.push_back(Unheard { step: self.step, plan, logs });
        self.step += 1;
        Ok(())
    }

    /// Tells of steps that are complete, and of those on their way until so many are left. Gives the
    /// gate that the listener waits at, if it does.
    fn report(&mut self, machine: &mut Machine, left: usize) -> Result<Option<Gate>> {
        loop {
            let oldest = self.unheard.front();
            if oldest.is_none_or(|oldest| oldest.logs.is_err() && self.unheard.len() <= left) {
                return Ok(None);
            }
            let Some(Unheard { step, plan, logs }) = self.unheard.pop_front() else { return Ok(None) };
            let logs = logs.or_else(|flying| flying.finish(machine, &plan))?;
            self.logs = if self.collect { vec![] } else { logs };
            fault::point("listener");
            if let Some(gate) = self.listener.end(step, &self.logs) {
                return Ok(Some(gate));
            }
        }
    }

    fn complete(&mut self, machine: &mut Machine) -> Result<Flow> {
        // Nobody waits at a gate any more: the epoch ends when all has been told.
        while !self.unheard.is_empty() {
            self.report(machine, 0)?;
        }
        let collected = join(std::mem::take(&mut self.parts))?;
        let stopped = self.listener.stop();
        let epoch = Epoch { steps: self.step, logs: std::mem::take(&mut self.logs), collected, stopped };
        self.finish(Ok(epoch));
        Ok(Flow::Done)
    }

    fn finish(&mut self, result: Result<Epoch>) {
        // The source's operands go before the answer, so that whoever gets it finds memory free.
        self.source = Box::new(Exhausted);
        self.unheard.clear();
        self.outputs.clear();
        self.listener.finish(result);
    }
}

impl Job for Session {
    fn turn(&mut self, machine: &mut Machine) -> Flow {
        let flow = self.advance(machine).unwrap_or_else(|e| {
            self.finish(Err(e));
            Flow::Done
        });
        if let Flow::Wait(gate) = &flow {
            self.abort.watch(gate);
        }
        flow
    }

    fn panicked(&mut self, panic: &(dyn std::any::Any + Send)) {
        self.finish(Err(panicked("an epoch", panic)));
    }
}

struct Exhausted;

impl Source for Exhausted {
    fn next(&mut self) -> Result<Next<'_>> {
        Ok(Next::End)
    }
}

/// Joins each step's outputs along the first axis.
fn join(mut parts: Vec<Vec<Buffer>>) -> Result<Vec<Buffer>> {
    if let [only] = &mut parts[..]
        && only.iter().all(|b| b.ty.rank() > 0)
    {
        return Ok(std::mem::take(only));
    }
    let count = parts.first().map_or(0, Vec::len);
    (0..count)
        .map(|k| {
            let rows: usize = parts.iter().filter_map(|p| p[k].ty.shape.first().copied().flatten()).sum();
            let mut sizes = parts[0][k].ty.sizes();
            let first = sizes.first_mut().ok_or_else(|| {
                Error::shape(
                    "the outputs of an epoch that are numbers cannot be joined along their first axis",
                )
            })?;
            *first = rows;
            let mut joined = Buffer::zeros(TensorType::new(parts[0][k].ty.dtype, Shape::of(&sizes)))?;
            let mut rest = joined.bytes_mut().unwrap_or_default();
            for part in &parts {
                let bytes = part[k].bytes()?;
                let (to, after) = rest.split_at_mut(bytes.len());
                to.copy_from_slice(bytes);
                rest = after;
            }
            Ok(joined)
        })
        .collect()
}
