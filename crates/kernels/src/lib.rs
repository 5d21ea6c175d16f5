//! CPU numerics of Fovea.

pub mod conv;
pub mod gemm;
pub mod isa;
pub mod math;
mod multiversion;
pub mod routine;
mod tile;
#[cfg(test)]
mod harness;
pub mod map;
pub mod reduce;
pub mod pool;
pub mod random;
pub mod movement;
