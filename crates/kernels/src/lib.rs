//! CPU numerics of Fovea.

pub mod conv;
mod converted;
pub mod gemm;
#[cfg(test)]
mod harness;
pub mod isa;
pub mod map;
pub mod math;
pub mod movement;
mod multiversion;
pub mod pool;
pub mod random;
pub mod reduce;
pub mod resample;
pub mod routine;
pub mod sort;
mod tile;
