//! Reductions over any set of axes, moments, arguments of extremes, and running sums.
//!
//! Sums of floats run in 64 lanes whose partial sums meet in a fixed pairwise tree, so the error
//! grows with the logarithm of the count and the bits depend on the shape alone.

mod arg;
mod combine;
mod cumsum;
mod fold;
mod form;
mod kernel;
mod moments;
mod plan;

#[cfg(test)]
mod tests;

pub(crate) use combine::Combine;
pub(crate) use fold::{Mean, Sum};
pub(crate) use kernel::{Summand, fold_into, fold_joined, fold_more, merge};

pub use arg::{ArgOp, ArgReduce};
pub use cumsum::CumSum;
pub(crate) use moments::Meet;
pub use moments::Moments;
pub use plan::{Reduce, ReduceOp};
