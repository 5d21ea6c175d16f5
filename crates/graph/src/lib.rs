//! The expression graph: ops with shape rules, gradients and kernels; autodiff, fusion, plans.
//! Knows nothing of napi, threads or where memory comes from.

pub mod autodiff;
pub mod builder;
pub mod compose;
mod dependence;
pub mod elementwise;
mod explain;
pub mod fuse;
pub mod gpu;
pub mod graph;
pub mod import;
pub mod lower;
pub mod operator;
pub mod ops;
pub mod plan;
mod simplify;
pub mod target;
#[cfg(feature = "types")]
pub mod types;
mod verify;
mod widen;

#[cfg(test)]
mod checked;
#[cfg(test)]
mod conformance;
