//! What is done to the bits of whole numbers.

/// A whole number of a tensor.
pub trait Bits: Copy + 'static {
    /// The bits that both have.
    fn and(self, b: Self) -> Self;
    /// The bits that one of them has.
    fn or(self, b: Self) -> Self;
    /// The bits that exactly one has.
    fn xor(self, b: Self) -> Self;
    /// The bits that it lacks.
    fn not(self) -> Self;
    /// The bits moved up by `places`, read as unsigned; 0 where that is the width or more.
    fn shift_left(self, places: Self) -> Self;
    /// The bits moved down by `places`, read as unsigned; the sign moves in.
    fn shift_right(self, places: Self) -> Self;
    /// The greatest whole number that divides both; 0 for two zeros.
    fn gcd(self, b: Self) -> Self;
}

macro_rules! integers {
    ($($t:ident $unsigned:ident),*) => {
        $(
            impl Bits for $t {
                #[inline(always)]
                fn and(self, b: $t) -> $t {
                    self & b
                }

                #[inline(always)]
                fn or(self, b: $t) -> $t {
                    self | b
                }

                #[inline(always)]
                fn xor(self, b: $t) -> $t {
                    self ^ b
                }

                #[inline(always)]
                fn not(self) -> $t {
                    !self
                }

                #[inline(always)]
                fn shift_left(self, places: $t) -> $t {
                    let all = (places as $unsigned) >= $t::BITS as $unsigned;
                    if all { 0 } else { self.wrapping_shl(places as u32) }
                }

                #[inline(always)]
                fn shift_right(self, places: $t) -> $t {
                    let all = (places as $unsigned) >= $t::BITS as $unsigned;
                    // Two shifts empty an unsigned number, whose sign is 0.
                    let by = if all { $t::BITS - 1 } else { places as u32 };
                    let y = self.wrapping_shr(by);
                    if all { y.wrapping_shr(1) } else { y }
                }

                #[inline(always)]
                fn gcd(self, b: $t) -> $t {
                    let size = |x: $t| if x < $t::default() { $unsigned::default().wrapping_sub(x as $unsigned) } else { x as $unsigned };
                    let (mut a, mut b) = (size(self), size(b));
                    while b != 0 {
                        (a, b) = (b, a % b);
                    }
                    a as $t
                }
            }
        )*
    };
}
integers!(i32 u32, u32 u32, i64 u64, u8 u8, i8 u8);

/// A truth value, stored as the byte 0 or 1: a whole number of one bit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Bool(pub u8);

impl Bits for Bool {
    #[inline(always)]
    fn and(self, b: Bool) -> Bool {
        Bool(self.0 & b.0)
    }

    #[inline(always)]
    fn or(self, b: Bool) -> Bool {
        Bool(self.0 | b.0)
    }

    #[inline(always)]
    fn xor(self, b: Bool) -> Bool {
        Bool(self.0 ^ b.0)
    }

    #[inline(always)]
    fn not(self) -> Bool {
        Bool(self.0 ^ 1)
    }

    #[inline(always)]
    fn shift_left(self, places: Bool) -> Bool {
        Bool(self.0 & (places.0 ^ 1))
    }

    #[inline(always)]
    fn shift_right(self, places: Bool) -> Bool {
        Bool(self.0 & (places.0 ^ 1))
    }

    #[inline(always)]
    fn gcd(self, b: Bool) -> Bool {
        Bool(self.0 | b.0)
    }
}
