//! What follows a sum on its way to memory, element by element.

use super::simd::Simd;

/// What follows the sum, element by element. A NaN stays one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Activation {
    /// Nothing.
    #[default]
    None,
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, 0), 6)`.
    Relu6,
}

impl Activation {
    /// Of each lane.
    #[inline(always)]
    pub(crate) fn vector<S: Simd>(self, simd: S, sum: S::Vector) -> S::Vector {
        // What may be a NaN stands second, so that it stays one.
        match self {
            Activation::None => sum,
            Activation::Relu => simd.max(simd.splat(0.0), sum),
            Activation::Relu6 => simd.min(simd.splat(6.0), simd.max(simd.splat(0.0), sum)),
        }
    }

    /// Of one number.
    #[inline(always)]
    pub(crate) fn number(self, sum: f32) -> f32 {
        match self {
            Activation::Relu | Activation::Relu6 if sum <= 0.0 => 0.0,
            Activation::Relu6 if sum > 6.0 => 6.0,
            _ => sum,
        }
    }
}
