//! Failures on demand, for tests: in debug builds only. A lost device is made by
//! [`Device::destroy`](crate::Device::destroy).

use crate::Device;
use fovea_core::{Code, Error, Result};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

/// How many calls of each sort fail from now on.
#[derive(Default)]
pub(crate) struct Faults {
    memory: AtomicU32,
    buffer: AtomicU32,
    pipeline: AtomicU32,
}

impl Faults {
    pub fn memory(&self, bytes: usize) -> Result<()> {
        if due(&self.memory) { Err(exhausted(bytes)) } else { Ok(()) }
    }

    pub fn buffer(&self, bytes: usize) -> Result<()> {
        if due(&self.buffer) { Err(exhausted(bytes)) } else { Ok(()) }
    }

    pub fn pipeline(&self, label: &str) -> Result<()> {
        if due(&self.pipeline) {
            return Err(Error::internal(format!("compiling the shader of {label}: injected")));
        }
        Ok(())
    }
}

/// Takes one of the failures that are left.
fn due(left: &AtomicU32) -> bool {
    left.fetch_update(SeqCst, SeqCst, |n| n.checked_sub(1)).is_ok()
}

fn exhausted(bytes: usize) -> Error {
    let text = format!("allocating {bytes} bytes: the GPU has not enough memory left (injected)");
    Error::new(Code::OutOfMemory, text)
}

/// The next `times` calls of [`Device::memory`] run out of memory.
pub fn memory(device: &Device, times: u32) {
    device.0.faults.memory.store(times, SeqCst);
}

/// The driver refuses the next `times` buffers for want of memory. After the first refusal the device
/// gives back what it keeps for later and tries again.
pub fn buffers(device: &Device, times: u32) {
    device.0.faults.buffer.store(times, SeqCst);
}

/// The next `times` calls of [`Device::pipeline`] that find nothing compiled fail.
pub fn pipeline(device: &Device, times: u32) {
    device.0.faults.pipeline.store(times, SeqCst);
}
