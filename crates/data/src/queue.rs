use fovea_core::Result;
use fovea_engine::{Batch, CompiledPlan, Gate, Next, Operand, Source};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many batches wait at most: one that is being run, one that is being made.
const CAPACITY: usize = 2;

type Item = (Arc<CompiledPlan>, Vec<Operand>);
/// Hears whether its batch was taken: `false` when the epoch is over.
type Pushed = Box<dyn FnOnce(bool) + Send>;

/// A queue of batches between whoever makes them and an epoch. Clones share it; the epoch takes
/// the one [`QueueSource::consumer`] gives.
#[derive(Clone, Default)]
pub struct QueueSource {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    ready: VecDeque<Item>,
    /// Batches that found no room.
    waiting: VecDeque<(Item, Pushed)>,
    /// What the epoch waits at.
    gate: Option<Gate>,
    ended: bool,
    consumer_gone: bool,
}

impl Drop for State {
    /// Nobody is left to take what still waits.
    fn drop(&mut self) {
        std::mem::take(&mut self.waiting).into_iter().for_each(|(_, done)| done(false));
    }
}

impl QueueSource {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a batch; `done` is called when it has found room.
    pub fn push(&self, plan: Arc<CompiledPlan>, operands: Vec<Operand>, done: Pushed) {
        let mut state = self.lock();
        if state.consumer_gone || state.ended {
            drop(state);
            return done(false);
        }
        if state.ready.len() >= CAPACITY {
            state.waiting.push_back(((plan, operands), done));
            return;
        }
        state.ready.push_back((plan, operands));
        let gate = state.gate.take();
        drop(state);
        done(true);
        gate.iter().for_each(Gate::open);
    }

    /// Says that no batch follows.
    pub fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        let gate = state.gate.take();
        drop(state);
        gate.iter().for_each(Gate::open);
    }

    /// The end that an epoch reads from.
    pub fn consumer(&self) -> impl Source + use<> {
        Consumer { queue: self.clone(), current: None }
    }
}

struct Consumer {
    queue: QueueSource,
    current: Option<Item>,
}

impl Source for Consumer {
    fn next(&mut self) -> Result<Next<'_>> {
        let mut state = self.queue.lock();
        let Some(item) = state.ready.pop_front() else {
            if state.ended {
                return Ok(Next::End);
            }
            let gate = Gate::new();
            state.gate = Some(gate.clone());
            return Ok(Next::Wait(gate));
        };
        let pushed = state.waiting.pop_front().map(|(item, done)| {
            state.ready.push_back(item);
            done
        });
        drop(state);
        if let Some(done) = pushed {
            done(true);
        }
        let (plan, operands) = self.current.insert(item);
        Ok(Next::Batch(Batch { plan, operands }))
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.consumer_gone = true;
        state.ready.clear();
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(|(_, done)| done(false));
    }
}
