//! What can go wrong with a device, and how it becomes an error.

use crate::device::Inner;
use crate::lock;
use fovea_core::{Code, Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, OnceLock};

/// Whether a device still works.
pub(crate) struct Health {
    name: String,
    lost: OnceLock<String>,
    /// An error that no scope caught: it belongs to nobody, so the next caller is told.
    stray: Mutex<Option<Error>>,
}

impl Health {
    pub fn new(name: String) -> Health {
        Health { name, lost: OnceLock::new(), stray: Mutex::new(None) }
    }

    /// Why the device was lost, if it was.
    pub fn lost(&self) -> Option<&str> {
        self.lost.get().map(String::as_str)
    }

    /// From now on every call fails. The first reason stays.
    pub fn lose(&self, reason: &str) {
        let reason = reason.trim();
        let _ = self.lost.set(if reason.is_empty() { "its driver gave no reason" } else { reason }.into());
    }

    /// Fails if the device was lost.
    pub fn alive(&self) -> Result<()> {
        match self.lost() {
            None => Ok(()),
            Some(reason) => Err(Error::new(
                Code::NoDevice,
                format!(
                    "the GPU {} was lost: {reason}. What it held is gone; the CPU goes on working.",
                    self.name
                ),
            )),
        }
    }

    /// Fails if the device was lost, or with an error that was nobody's.
    pub fn check(&self) -> Result<()> {
        self.alive()?;
        lock(&self.stray).take().map_or(Ok(()), Err)
    }

    /// Keeps an error that no scope caught; the first one stays.
    pub fn stray(&self, error: wgpu::Error) {
        lock(&self.stray).get_or_insert_with(|| typed(&error, "the GPU's driver"));
    }
}

impl Inner {
    /// Runs what talks to the driver, and turns its complaints, the loss of the device and even a panic
    /// into an error. `what` says what was tried.
    pub fn guarded<T>(&self, what: &str, f: impl FnOnce() -> T) -> Result<T> {
        use wgpu::ErrorFilter::{Internal, OutOfMemory, Validation};
        let _gate = self.gate.enter();
        self.health.check()?;
        // Scopes form a stack: the last one pushed is popped first.
        let [a, b, c] = [Internal, Validation, OutOfMemory].map(|of| self.wgpu.push_error_scope(of));
        let result = catch_unwind(AssertUnwindSafe(f));
        let [c, b, a] = [c, b, a].map(|scope| pollster::block_on(scope.pop()));
        self.health.alive()?;
        match c.or(b).or(a) {
            Some(error) => Err(typed(&error, what)),
            None => result.map_err(|panic| panicked(what, &*panic)),
        }
    }
}

/// wgpu's error as ours.
fn typed(error: &wgpu::Error, what: &str) -> Error {
    match error {
        wgpu::Error::OutOfMemory { .. } => {
            Error::new(Code::OutOfMemory, format!("{what}: the GPU has not enough memory left"))
        }
        wgpu::Error::Validation { description, .. } | wgpu::Error::Internal { description, .. } => {
            Error::internal(format!("{what}: {}", description.trim()))
        }
    }
}

/// A panic in a driver's wrapper as an error.
pub(crate) fn panicked(what: &str, panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    Error::internal(format!("{what}: {}", text.unwrap_or("an unknown panic").trim()))
}
