//! What every Fovea crate shares: element types, shapes, errors and the counter-based random
//! number generator. Small on purpose and without dependencies.

mod dtype;
mod error;
pub mod rng;
mod shape;

pub use dtype::{DType, Element};
pub use error::{Code, Error, Result};
pub use shape::{Dim, Shape, TensorType};
