//! Compiles and runs plans on the CPU and on GPUs: memory, threads, variables, epochs. One engine a
//! process.

// That an engine may be shared between threads is proved through all of wgpu's types, one within another.
#![recursion_limit = "256"]

mod abort;
mod cache;
mod cpu;
mod culprit;
pub mod device;
mod engine;
mod execute;
pub mod fault;
mod gpu;
mod machine;
mod memory;
mod operand;
mod operands;
mod queue;
mod session;
mod storage;

#[cfg(test)]
mod random_plans;
#[cfg(test)]
mod tests;

pub use abort::Abort;
pub use cache::{CompiledPlan, NodeWork, PhaseTime};
pub use cpu::pool::panicked;
pub use device::Device;
pub use engine::{Engine, Info, MemoryInfo};
pub use fovea_gpu::{AdapterInfo, Kind};
pub use fovea_kernels::conv::Precision;
pub use machine::Machine;
pub use memory::Buffer;
pub use operand::{Operand, Variable};
pub use queue::{Flow, Gate, Job};
pub use session::{Batch, Epoch, Listener, Next, Session, Source};
