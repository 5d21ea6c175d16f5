//! What every Fovea crate shares: element types, shapes, errors, what a GPU allows, and the
//! counter-based random number generator. Small on purpose and without dependencies.

mod bf16;
mod dtype;
mod error;
mod limits;
pub mod rng;
mod shape;

pub use bf16::Bf16;
pub use dtype::{DType, Element};
pub use error::{Code, Error, Result};
pub use limits::Limits;
pub use shape::{Dim, Shape, TensorType};
