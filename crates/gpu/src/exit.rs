//! The end of the process. A driver cleans up after itself when the process ends; one that is still at
//! work then (compiling a shader, say, or playing a GPU on threads of its own) crashes. So devices are
//! brought to rest before.

use crate::device::Inner;
use crate::lock;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, RwLock, TryLockError, Weak};
use std::time::{Duration, Instant};

/// The devices that were opened and may still be there.
static DEVICES: Mutex<Vec<Weak<Inner>>> = Mutex::new(Vec::new());

/// No device is waited for longer than this: better a crash than a process that does not end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Loses all open devices, and blocks until what was submitted to them is done. For the end of the process;
/// there it happens on its own too, but only after the clean-up of whatever was loaded later.
pub fn close() {
    let devices: Vec<Arc<Inner>> = lock(&DEVICES).drain(..).filter_map(|device| device.upgrade()).collect();
    let deadline = Instant::now() + PATIENCE;
    // All first: none takes new work while another one is waited for.
    for device in &devices {
        device.health.lose("the process ends");
    }
    for device in &devices {
        device.rest(deadline);
    }
}

/// Will be brought to rest at the end.
pub(crate) fn remember(device: &Arc<Inner>) {
    let mut devices = lock(&DEVICES);
    devices.retain(|device| device.strong_count() > 0);
    devices.push(Arc::downgrade(device));
    drop(devices);
    at_exit();
}

/// Has [`close`] called when the process ends, before the clean-up of what was loaded so far.
pub(crate) fn at_exit() {
    // Where libraries clean up after all threads but one were ended, nothing can be waited for, nor needs
    // to be: that is Windows. Metal has no such trouble.
    #[cfg(target_os = "linux")]
    {
        unsafe extern "C" {
            fn atexit(run: extern "C" fn()) -> std::ffi::c_int;
        }
        extern "C" fn run() {
            // On a thread of its own: this one's thread-local values, which wgpu asks for, are gone.
            let _ = catch_unwind(|| {
                if let Ok(thread) = std::thread::Builder::new().spawn(close) {
                    let _ = thread.join();
                }
            });
        }
        // SAFETY: the C library's own function; `run` does not unwind.
        unsafe { atexit(run) };
    }
}

/// Who is in the driver at the moment.
#[derive(Default)]
pub(crate) struct Gate(RwLock<()>);

impl Gate {
    /// Keeps the device from resting.
    pub fn enter(&self) -> impl Drop + '_ {
        self.0.read().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Inner {
    /// Blocks until nobody is in the driver and nothing is under way. The device is lost: nobody enters.
    fn rest(&self, deadline: Instant) {
        let gate = loop {
            match self.gate.0.try_write() {
                Ok(gate) => break gate,
                Err(TryLockError::Poisoned(poisoned)) => break poisoned.into_inner(),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => return,
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
            }
        };
        let timeout = Some(deadline.saturating_duration_since(Instant::now()));
        let how = wgpu::PollType::Wait { submission_index: None, timeout };
        // Nobody is left to be told what comes of it; a lost device panics here.
        let _ = catch_unwind(AssertUnwindSafe(|| self.wgpu.poll(how)));
        drop(gate);
    }
}
