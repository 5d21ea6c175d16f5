//! Arithmetic of one element, the same for every element type.

use crate::math;
use fovea_core::{Bf16, Element};

/// A number of a tensor. Integers wrap; `f32` follows IEEE 754 with NumPy's treatment of NaN;
/// a bfloat16 is computed in `f32` and rounded.
pub trait Num: Element + PartialEq + PartialOrd {
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// a + b.
    fn add(self, b: Self) -> Self;
    /// a − b.
    fn sub(self, b: Self) -> Self;
    /// a · b.
    fn mul(self, b: Self) -> Self;
    /// a / b for floats; ⌊a / b⌋ for integers, 0 where b is 0.
    fn div(self, b: Self) -> Self;
    /// a − ⌊a / b⌋·b, with the sign of b, as Python's `%`; 0 for integers where b is 0.
    fn rem(self, b: Self) -> Self;
    /// The quotient, rounded down.
    fn floor_div(self, b: Self) -> Self;
    /// The lesser of the two; NaN if either is.
    fn min(self, b: Self) -> Self;
    /// The greater of the two; NaN if either is.
    fn max(self, b: Self) -> Self;
    /// −a.
    fn neg(self) -> Self;
    /// |a|.
    fn abs(self) -> Self;
    /// −1, 0 or 1; NaN for NaN.
    fn sign(self) -> Self;
    /// The whole number next to it towards 0.
    fn trunc(self) -> Self;
    /// The nearest whole number; halves go to the even one.
    fn round(self) -> Self;
    /// a to the power of b. Of integers it wraps, and a negative power is 0 but for 1 and −1.
    fn pow(self, b: Self) -> Self;

    /// a · a.
    #[inline(always)]
    fn square(self) -> Self {
        self.mul(self)
    }

    /// a where it is above 0, else 0; NaN for NaN.
    #[inline(always)]
    fn relu(self) -> Self {
        self.max(Self::ZERO)
    }

    /// a between 0 and 6, what is outside moved to the nearer end; NaN for NaN.
    #[inline(always)]
    fn relu6(self) -> Self {
        let three = Self::ONE.add(Self::ONE).add(Self::ONE);
        let (six, y) = (three.add(three), self.relu());
        // One comparison, where `min` takes two for a NaN on either side.
        if y >= six { six } else { y }
    }

    /// 1 where a = b, else 0.
    #[inline(always)]
    fn eq(self, b: Self) -> u8 {
        u8::from(self == b)
    }

    /// 1 where a ≠ b, else 0.
    #[inline(always)]
    fn ne(self, b: Self) -> u8 {
        u8::from(self != b)
    }

    /// 1 where a < b, else 0.
    #[inline(always)]
    fn lt(self, b: Self) -> u8 {
        u8::from(self < b)
    }

    /// 1 where a ≤ b, else 0.
    #[inline(always)]
    fn le(self, b: Self) -> u8 {
        u8::from(self <= b)
    }

    /// 1 where a > b, else 0.
    #[inline(always)]
    fn gt(self, b: Self) -> u8 {
        u8::from(self > b)
    }

    /// 1 where a ≥ b, else 0.
    #[inline(always)]
    fn ge(self, b: Self) -> u8 {
        u8::from(self >= b)
    }
}

impl Num for f32 {
    const ZERO: f32 = 0.0;
    const ONE: f32 = 1.0;

    #[inline(always)]
    fn add(self, b: f32) -> f32 {
        self + b
    }

    #[inline(always)]
    fn sub(self, b: f32) -> f32 {
        self - b
    }

    #[inline(always)]
    fn mul(self, b: f32) -> f32 {
        self * b
    }

    #[inline(always)]
    fn div(self, b: f32) -> f32 {
        self / b
    }

    #[inline(always)]
    fn floor_div(self, b: f32) -> f32 {
        (self / b).floor()
    }
    #[inline(always)]
    fn rem(self, b: f32) -> f32 {
        let r = self % b;
        let r = if r != 0.0 && (r < 0.0) != (b < 0.0) { r + b } else { r };
        if r == 0.0 { r.copysign(b) } else { r }
    }

    #[inline(always)]
    fn min(self, b: f32) -> f32 {
        if self < b || self.is_nan() { self } else { b }
    }

    #[inline(always)]
    fn max(self, b: f32) -> f32 {
        if self > b || self.is_nan() { self } else { b }
    }

    #[inline(always)]
    fn neg(self) -> f32 {
        -self
    }

    #[inline(always)]
    fn abs(self) -> f32 {
        f32::abs(self)
    }

    #[inline(always)]
    fn sign(self) -> f32 {
        let s = if self > 0.0 { 1.0 } else { 0.0 };
        let s = if self < 0.0 { -1.0 } else { s };
        if self.is_nan() { self } else { s }
    }

    #[inline(always)]
    fn trunc(self) -> f32 {
        f32::trunc(self)
    }

    #[inline(always)]
    fn round(self) -> f32 {
        self.round_ties_even()
    }

    #[inline(always)]
    fn pow(self, b: f32) -> f32 {
        math::pow(self, b)
    }
}

/// `f32`'s arithmetic, rounded where it does not give a bfloat16 anyway.
impl Num for Bf16 {
    const ZERO: Bf16 = Bf16::from_f32(0.0);
    const ONE: Bf16 = Bf16::from_f32(1.0);

    #[inline(always)]
    fn add(self, b: Bf16) -> Bf16 {
        Bf16::from_f32(Num::add(self.to_f32(), b.to_f32()))
    }

    #[inline(always)]
    fn sub(self, b: Bf16) -> Bf16 {
        Bf16::from_f32(Num::sub(self.to_f32(), b.to_f32()))
    }

    #[inline(always)]
    fn mul(self, b: Bf16) -> Bf16 {
        Bf16::from_f32(Num::mul(self.to_f32(), b.to_f32()))
    }

    #[inline(always)]
    fn div(self, b: Bf16) -> Bf16 {
        Bf16::from_f32(Num::div(self.to_f32(), b.to_f32()))
    }

    #[inline(always)]
    fn rem(self, b: Bf16) -> Bf16 {
        Bf16::from_f32(Num::rem(self.to_f32(), b.to_f32()))
    }

    #[inline(always)]
    fn floor_div(self, b: Bf16) -> Bf16 {
        Bf16::from_f32(Num::floor_div(self.to_f32(), b.to_f32()))
    }

    #[inline(always)]
    fn min(self, b: Bf16) -> Bf16 {
        Bf16::exactly(Num::min(self.to_f32(), b.to_f32()))
    }

    #[inline(always)]
    fn max(self, b: Bf16) -> Bf16 {
        Bf16::exactly(Num::max(self.to_f32(), b.to_f32()))
    }

    #[inline(always)]
    fn neg(self) -> Bf16 {
        Bf16::exactly(Num::neg(self.to_f32()))
    }

    #[inline(always)]
    fn abs(self) -> Bf16 {
        Bf16::exactly(Num::abs(self.to_f32()))
    }

    #[inline(always)]
    fn sign(self) -> Bf16 {
        Bf16::exactly(Num::sign(self.to_f32()))
    }

    #[inline(always)]
    fn trunc(self) -> Bf16 {
        Bf16::exactly(Num::trunc(self.to_f32()))
    }

    #[inline(always)]
    fn round(self) -> Bf16 {
        Bf16::exactly(Num::round(self.to_f32()))
    }

    #[inline(always)]
    fn pow(self, b: Bf16) -> Bf16 {
        Bf16::from_f32(Num::pow(self.to_f32(), b.to_f32()))
    }
}

macro_rules! integers {
    ($($t:ident $signed:literal),*) => {
        $(
            impl Num for $t {
                const ZERO: $t = 0;
                const ONE: $t = 1;

                #[inline(always)]
                fn add(self, b: $t) -> $t {
                    self.wrapping_add(b)
                }

                #[inline(always)]
                fn sub(self, b: $t) -> $t {
                    self.wrapping_sub(b)
                }

                #[inline(always)]
                fn mul(self, b: $t) -> $t {
                    self.wrapping_mul(b)
                }

                #[inline(always)]
                fn div(self, b: $t) -> $t {
                    if b == 0 {
                        return 0;
                    }
                    let (q, r) = (self.wrapping_div(b), self.wrapping_rem(b));
                    if $signed && r != 0 && (r < $t::ZERO) != (b < $t::ZERO) { q.wrapping_sub(1) } else { q }
                }

                #[inline(always)]
                fn floor_div(self, b: $t) -> $t {
                    Num::div(self, b)
                }
                #[inline(always)]
                fn rem(self, b: $t) -> $t {
                    if b == 0 {
                        return 0;
                    }
                    let r = self.wrapping_rem(b);
                    if $signed && r != 0 && (r < $t::ZERO) != (b < $t::ZERO) { r.wrapping_add(b) } else { r }
                }

                #[inline(always)]
                fn min(self, b: $t) -> $t {
                    if self < b { self } else { b }
                }

                #[inline(always)]
                fn max(self, b: $t) -> $t {
                    if self > b { self } else { b }
                }

                #[inline(always)]
                fn neg(self) -> $t {
                    self.wrapping_neg()
                }

                #[inline(always)]
                fn abs(self) -> $t {
                    if $signed && self < $t::ZERO { self.wrapping_neg() } else { self }
                }

                #[inline(always)]
                fn sign(self) -> $t {
                    let positive = if self > 0 { 1 } else { 0 };
                    if self < $t::ZERO { $t::ZERO.wrapping_sub(1) } else { positive }
                }

                #[inline(always)]
                fn trunc(self) -> $t {
                    self
                }

                #[inline(always)]
                fn round(self) -> $t {
                    self
                }

                #[inline(always)]
                fn pow(self, b: $t) -> $t {
                    let minus_one = $t::ZERO.wrapping_sub(1);
                    if $signed && b < $t::ZERO {
                        let odd = b & 1 == 1;
                        return if self == 1 || (self == minus_one && !odd) { 1 } else if self == minus_one { self } else { 0 };
                    }
                    let (mut power, mut square, mut rest) = ($t::ONE, self, b);
                    while rest != 0 {
                        if rest & 1 == 1 {
                            power = power.wrapping_mul(square);
                        }
                        square = square.wrapping_mul(square);
                        rest >>= 1;
                    }
                    power
                }
            }
        )*
    };
}
integers!(i32 true, u32 false, i64 true, u8 false, i8 true);
