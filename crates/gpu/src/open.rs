//! Which streams are being recorded: memory that was freed meanwhile may still be named in them.

use crate::lock;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// The streams that are open, by number.
#[derive(Default)]
pub(crate) struct Open(Mutex<State>);

#[derive(Default)]
struct State {
    /// Streams begun so far.
    begun: u64,
    open: BTreeSet<u64>,
}

impl Open {
    /// The number of a new stream.
    pub fn begin(&self) -> u64 {
        let mut state = lock(&self.0);
        state.begun += 1;
        let id = state.begun;
        state.open.insert(id);
        id
    }

    /// The stream was submitted, or given up.
    pub fn end(&self, id: u64) {
        lock(&self.0).open.remove(&id);
    }

    /// The last stream that was begun: what is freed now is at rest once no stream up to it is open.
    pub fn now(&self) -> u64 {
        lock(&self.0).begun
    }

    /// The first open stream; what was freed before it began is at rest.
    pub fn first(&self) -> u64 {
        lock(&self.0).open.first().copied().unwrap_or(u64::MAX)
    }
}
