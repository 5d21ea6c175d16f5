//! Random tensors from an explicit key: element i is a function of the key and of i alone.
//!
//! Element i belongs to word i mod 4 of Philox block ⌊i / 4⌋ ([`fovea_core::rng::block`]).
//! - [`Draw::Words`]: the word.
//! - [`Draw::Uniform`]: [`fovea_core::rng::unit`] of the word.
//! - [`Draw::Bernoulli`]: whether the word lies below p · 2³² rounded: exact on every device.
//! - [`Draw::Normal`]: Box–Muller on pairs of words: elements 2j and 2j + 1 are r·cos 2πv and
//!   r·sin 2πv with r = √(−2 ln u), u = (⌊w₀ / 2⁸⌋ + 1) · 2⁻²⁴ in (0, 1] from the even word and v
//!   the unit of the odd word.
//! - [`Draw::TruncatedNormal`]: the inverse of the distribution function: √2 · erf⁻¹(s · erf √2)
//!   with s = (2⌊w / 2⁹⌋ + 1 − 2²³) · 2⁻²³ in (−1, 1).

mod fill;
mod permutation;

#[cfg(test)]
mod tests;

pub use fill::{Draw, Random};
pub use permutation::permutation;
