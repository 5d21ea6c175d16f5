//! A GPU through wgpu: devices, memory, pipelines, submissions. Knows no graph.
//!
//! ```no_run
//! # fn main() -> fovea_core::Result<()> {
//! use fovea_gpu::{Device, Range};
//! let device = Device::open(0)?;
//! let memory = device.memory(1024)?;
//! let double = "@group(0) @binding(0) var<storage, read_write> x: array<f32>;
//!     @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) gid: vec3<u32>) {
//!         x[gid.x] = 2.0 * x[gid.x];
//!     }";
//! let pipeline = device.pipeline(double, 1, "double")?;
//! let bind = device.bind(&pipeline, &[Range { memory: &memory, offset: 0, bytes: 1024 }])?;
//! let mut stream = device.stream();
//! stream.upload(&memory, 0, &[0; 1024])?;
//! stream.run(&pipeline, &bind, [4, 1, 1]);
//! let download = stream.download(&memory, 0, 1024)?;
//! let ticket = stream.submit()?;
//! let bytes = download.get(&ticket)?;
//! # Ok(())
//! # }
//! ```
//!
//! What goes wrong is an error with a code: `NO_DEVICE` if there is no such GPU, or if it was lost (then
//! from every call); `OUT_OF_MEMORY`; `UNSUPPORTED` for what this GPU is too small for; `INTERNAL`, with
//! wgpu's own words, for a shader or a submission that is wrong.

mod adapters;
mod bind;
mod block;
mod device;
mod exit;
#[cfg(debug_assertions)]
pub mod fault;
mod health;
mod limits;
mod memory;
mod open;
mod pipeline;
mod readback;
mod staging;
mod stream;
pub mod testing;
mod ticket;

pub use adapters::{AdapterInfo, Kind, adapters};
pub use bind::{Bind, Range};
pub use block::Live;
pub use device::Device;
pub use exit::close;
pub use fovea_core::Limits;
pub use memory::Memory;
pub use pipeline::Pipeline;
pub use readback::Download;
pub use stream::Stream;
pub use ticket::Ticket;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, whatever a thread that panicked left behind: everything under these locks is whole between
/// two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
