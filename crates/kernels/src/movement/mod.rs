//! Moving elements without looking at them: everything here knows the size of an element
//! (1, 2, 4 or 8 bytes) and not its type.

mod along;
mod gather;
mod moves;
mod one_hot;
mod strided;

#[cfg(test)]
mod tests;

pub use along::{AddAlong, Along, TakeAlong};
pub use gather::{Gather, ScatterAdd, first_out_of_range};
pub use moves::Movement;
pub use one_hot::OneHot;
