//! Panics on request, in builds with debug assertions only: with them the tests show that a panic
//! anywhere becomes an error. In a release build nothing of this is left.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

static ARMED: AtomicBool = AtomicBool::new(false);
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// The next time that a thread comes to `place`, it panics, once. `None` calls it off.
///
/// Places: `entry` (the native call asks for the engine), `compile`, `turn` (a job's turn on the
/// compute thread), `gpu` (a run is about to be sent there), `source`, `listener`, `chunk` (part of a phase, on any thread), `answer` (a result
/// is handed to JavaScript).
pub fn arm(place: Option<String>) {
    let mut armed = PLACE.lock().unwrap_or_else(PoisonError::into_inner);
    ARMED.store(cfg!(debug_assertions) && place.is_some(), Ordering::SeqCst);
    *armed = place;
}

/// A place that [`arm`] can name.
#[inline]
pub fn point(place: &str) {
    if cfg!(debug_assertions) && ARMED.load(Ordering::Relaxed) {
        fire(place);
    }
}

/// Whether [`arm`] named this place, for a fault that is no panic; once. `gpu lost`: the device is
/// destroyed while a run is being submitted.
pub fn hit(place: &str) -> bool {
    if !cfg!(debug_assertions) || !ARMED.load(Ordering::Relaxed) {
        return false;
    }
    let hit = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take_if(|armed| armed == place);
    if hit.is_some() {
        ARMED.store(false, Ordering::SeqCst);
    }
    hit.is_some()
}

#[cold]
fn fire(place: &str) {
    let hit = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take_if(|armed| armed == place);
    if hit.is_some() {
        ARMED.store(false, Ordering::SeqCst);
        // Unwinds as any panic, but prints nothing: it is expected.
        std::panic::resume_unwind(Box::new(format!("a fault injected at '{place}'")));
    }
}
