//! Waiting for a submission.

use crate::device::Inner;
use crate::exit;
use crate::health::panicked;
use fovea_core::{Error, Result};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

/// A submission that runs.
#[derive(Clone)]
pub struct Ticket {
    device: Arc<Inner>,
    index: wgpu::SubmissionIndex,
    done: Arc<AtomicBool>,
}

impl Ticket {
    /// For what was submitted just now.
    pub(crate) fn new(device: Arc<Inner>, index: wgpu::SubmissionIndex) -> Ticket {
        let done = Arc::new(AtomicBool::new(false));
        let told = done.clone();
        // If another thread submits in between, it is told a little late.
        device.queue.on_submitted_work_done(move || told.store(true, Ordering::Release));
        Ticket { device, index, done }
    }

    /// Blocks until all of it was done, or the driver says that the device is lost. If the device is
    /// destroyed meanwhile, work that has begun comes to its end, and then the wait is an error.
    pub fn wait(&self) -> Result<()> {
        self.device.wait(Some(&self.index))
    }

    /// Whether it needs no waiting: all of it was done, or the device was lost.
    pub fn done(&self) -> bool {
        let done = || self.done.load(Ordering::Acquire);
        // An error is told to those who wait.
        done() || self.device.poll().is_err() || done()
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ticket of {}", self.device.info.name)
    }
}

impl Inner {
    /// Blocks until everything submitted so far is done.
    pub fn settle(&self) -> Result<()> {
        self.wait(None)
    }

    /// Blocks until a submission, or all, is done.
    ///
    /// Without a time limit: when one runs out while another thread polls, wgpu 30 finds the two in
    /// contradiction and panics.
    fn wait(&self, index: Option<&wgpu::SubmissionIndex>) -> Result<()> {
        self.ask(wgpu::PollType::Wait { submission_index: index.cloned(), timeout: None })?;
        // The first work that is done had the driver load and set up all it needs.
        static FIRST: Once = Once::new();
        FIRST.call_once(exit::at_exit);
        self.health.check()
    }

    /// Has the callbacks of what is done run.
    pub fn poll(&self) -> Result<()> {
        self.ask(wgpu::PollType::Poll)
    }

    fn ask(&self, how: wgpu::PollType) -> Result<()> {
        let _gate = self.gate.enter();
        self.health.alive()?;
        // wgpu panics here if the driver says that the device is gone; it says so to `health` first.
        let result = catch_unwind(AssertUnwindSafe(|| self.wgpu.poll(how)));
        self.health.alive()?;
        match result {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Error::internal(format!("waiting for the GPU: {error}"))),
            Err(panic) => Err(panicked("waiting for the GPU", &*panic)),
        }
    }
}
