use crate::queue::{Gate, WeakGate};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Ends runs early: a flag that they look at before each step, and the gates they wait at, which it
/// opens, so that a run that waits for data or for a callback ends as well.
#[derive(Default)]
pub struct Abort {
    aborted: AtomicBool,
    waited_for: Mutex<Vec<WeakGate>>,
}

impl Abort {
    /// Ends the runs that were given this, now and in the future.
    pub fn abort(&self) {
        self.aborted.store(true, Ordering::SeqCst);
        let gates = std::mem::take(&mut *self.lock());
        gates.iter().filter_map(WeakGate::upgrade).for_each(|gate| gate.open());
    }

    /// Whether [`Abort::abort`] was called.
    pub fn aborted(&self) -> bool {
        self.aborted.load(Ordering::SeqCst)
    }

    /// Opens a gate too when it aborts, at once if it has. Does not keep the gate.
    pub(crate) fn watch(&self, gate: &Gate) {
        let mut gates = self.lock();
        gates.retain(WeakGate::is_waited_for);
        gates.push(gate.downgrade());
        drop(gates);
        // Whoever aborted in between may have missed this gate; opening it twice does no harm.
        if self.aborted() {
            gate.open();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<WeakGate>> {
        self.waited_for.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
