//! Elementwise programs: a chain of operations run strip by strip, so that everything between its
//! inputs and its outputs stays in the first-level cache. An output may be a sum.

mod access;
mod bits;
mod cast;
mod num;
mod plan;
mod program;
mod rows;
mod run;
mod strip;
mod total;
mod tree;

#[cfg(test)]
mod tests;

pub use bits::{Bits, Bool};
pub use cast::cast;
pub use num::Num;
pub use plan::Map;
pub use program::{Constant, Load, Loop, MapProgram, Step, Store, Sums, Total};
pub use strip::{Op1, Op2, Op3, StripFn, strip1, strip2, strip3};
pub use tree::{OpN, PAIR, Stored, SumsFn, TreeFn, Veil, sums, tree};
