//! Where an epoch's batches come from: tensors in memory, or a queue that somebody fills.

mod queue;
mod tensors;

pub use queue::QueueSource;
pub use tensors::{Feed, TensorSource};
