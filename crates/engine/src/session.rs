//! One epoch: batches from a source, a plan run for each, reports to a listener.

use crate::abort::Abort;
use crate::cache::CompiledPlan;
use crate::engine::Machine;
use crate::execute;
use crate::fault;
use crate::memory::Buffer;
use crate::operand::Operand;
use crate::pool::panicked;
use crate::queue::{Flow, Gate, Job};
use fovea_core::{Code, Error, Result, Shape, TensorType};
use std::sync::Arc;

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
    Ended,
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
                return self.complete();
            }
            self.stage = Stage::Run;
            if let Some(gate) = self.listener.begin(self.step) {
                return Ok(Flow::Wait(gate));
            }
        }
        if let Stage::Run = self.stage {
            if self.listener.stop() {
                return self.complete();
            }
            fault::point("source");
            match self.source.next()? {
                Next::Wait(gate) => return Ok(Flow::Wait(gate)),
                Next::End => return self.complete(),
                Next::Batch(batch) => execute::run(machine, batch.plan, batch.operands, &mut self.outputs)?,
            }
            self.logs.clear();
            if self.collect {
                self.parts.push(std::mem::take(&mut self.outputs));
            } else {
                self.logs.extend(self.outputs.iter().map(Buffer::number));
            }
            self.stage = Stage::Ended;
            self.step += 1;
            fault::point("listener");
            if let Some(gate) = self.listener.end(self.step - 1, &self.logs) {
                return Ok(Flow::Wait(gate));
            }
        }
        self.stage = Stage::Begin;
        Ok(Flow::Again)
    }

    fn complete(&mut self) -> Result<Flow> {
        let collected = join(std::mem::take(&mut self.parts))?;
        let stopped = self.listener.stop();
        let epoch = Epoch { steps: self.step, logs: std::mem::take(&mut self.logs), collected, stopped };
        self.finish(Ok(epoch));
        Ok(Flow::Done)
    }

    fn finish(&mut self, result: Result<Epoch>) {
        // The source's operands go before the answer, so that whoever gets it finds memory free.
        self.source = Box::new(Exhausted);
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
fn join(parts: Vec<Vec<Buffer>>) -> Result<Vec<Buffer>> {
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
                let (to, after) = rest.split_at_mut(part[k].bytes().len());
                to.copy_from_slice(part[k].bytes());
                rest = after;
            }
            Ok(joined)
        })
        .collect()
}
