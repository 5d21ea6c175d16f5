//! Compiles and runs plans on the CPU: memory, threads, variables, epochs. One engine a process.

mod abort;
mod cache;
mod engine;
mod execute;
pub mod fault;
mod memory;
mod operand;
mod pool;
mod profile;
mod queue;
mod session;
mod trouble;

#[cfg(test)]
mod random_plans;
#[cfg(test)]
mod tests;

pub use abort::Abort;
pub use cache::{CompiledPlan, PhaseTime};
pub use engine::{Engine, Info, MemoryInfo};
pub use memory::Buffer;
pub use operand::{Operand, Variable};
pub use pool::panicked;
pub use queue::{Flow, Gate, Job};
pub use session::{Batch, Epoch, Listener, Next, Session, Source};
