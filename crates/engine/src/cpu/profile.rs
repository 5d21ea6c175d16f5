//! How long phases take, measured only if `FOVEA_PROFILE=1`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// When each phase of a run was complete, and the shortest time each took in any run.
pub(crate) struct Profile {
    begun: Mutex<Option<Instant>>,
    /// Nanoseconds from the run's beginning; 0 where nothing ran.
    complete: Vec<AtomicU64>,
    /// Empty where nothing is measured.
    fastest: Vec<AtomicU64>,
}

impl Profile {
    pub fn new(phases: usize) -> Profile {
        let wanted = std::env::var_os("FOVEA_PROFILE").is_some_and(|v| v == "1");
        let zeros = |n| (0..phases).filter(|_| wanted).map(|_| AtomicU64::new(n)).collect();
        Profile { begun: Mutex::new(None), complete: zeros(0), fastest: zeros(u64::MAX) }
    }

    pub fn begin(&self) {
        if !self.fastest.is_empty() {
            *self.begun.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            self.complete.iter().for_each(|t| t.store(0, Ordering::Relaxed));
        }
    }

    /// A chunk of a phase is complete, perhaps the last.
    pub fn chunk_complete(&self, phase: usize) {
        if let Some(at) = self.complete.get(phase) {
            let begun = *self.begun.lock().unwrap_or_else(PoisonError::into_inner);
            at.fetch_max(begun.map_or(0, |t| t.elapsed().as_nanos() as u64), Ordering::Relaxed);
        }
    }

    /// A run that began with phase `first` is complete.
    pub fn end(&self, first: usize) {
        let mut last = 0;
        for (at, fastest) in self.complete.iter().zip(&self.fastest).skip(first) {
            let at = at.load(Ordering::Relaxed).max(last);
            fastest.fetch_min(at - last, Ordering::Relaxed);
            last = at;
        }
    }

    pub fn fastest(&self) -> Vec<u64> {
        self.fastest.iter().map(|t| t.load(Ordering::Relaxed)).collect()
    }
}
