use std::fmt;

/// A bfloat16: the upper 16 bits of a float32. It has float32's range and 8 bits of precision.
///
/// Values that compare equal may differ in their bits (the zeros), so equality is that of
/// [`to_f32`](Bf16::to_f32), not of the bits.
#[derive(Clone, Copy, Default)]
#[repr(transparent)]
pub struct Bf16(u16);

impl Bf16 {
    /// The distance from 1 to the next number above it. Rounding errs by half of it, relatively.
    pub const EPSILON: f32 = 1.0 / 128.0;

    /// The bfloat16 of these bits.
    #[inline(always)]
    pub const fn from_bits(bits: u16) -> Bf16 {
        Bf16(bits)
    }

    /// Its bits: a float32's upper half.
    #[inline(always)]
    pub const fn to_bits(self) -> u16 {
        self.0
    }

    /// The bfloat16 next to `x`; of two equally near the one whose last bit is 0. What lies past the
    /// largest is infinite, and NaN stays NaN.
    #[inline(always)]
    pub const fn from_f32(x: f32) -> Bf16 {
        let bits = x.to_bits();
        // Half of the last place, less one bit where that is 0: a tie then carries only into an odd one.
        let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1));
        // The carry could make an infinity of a NaN, or a zero; so could the cut.
        let quiet = bits | 0x40_0000;
        Bf16((if x.is_nan() { quiet } else { rounded } >> 16) as u16)
    }

    /// The bfloat16 that is `x`, which must be one.
    #[inline(always)]
    pub const fn exactly(x: f32) -> Bf16 {
        Bf16((x.to_bits() >> 16) as u16)
    }

    /// The same number as a float32.
    #[inline(always)]
    pub const fn to_f32(self) -> f32 {
        f32::from_bits((self.0 as u32) << 16)
    }
}

impl From<Bf16> for f32 {
    #[inline(always)]
    fn from(x: Bf16) -> f32 {
        x.to_f32()
    }
}

impl PartialEq for Bf16 {
    #[inline(always)]
    fn eq(&self, other: &Bf16) -> bool {
        self.to_f32() == other.to_f32()
    }
}

impl PartialOrd for Bf16 {
    #[inline(always)]
    fn partial_cmp(&self, other: &Bf16) -> Option<std::cmp::Ordering> {
        self.to_f32().partial_cmp(&other.to_f32())
    }
}

impl fmt::Debug for Bf16 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_f32().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Bf16;

    #[test]
    fn every_bfloat16_is_itself_again() {
        for bits in 0..=u16::MAX {
            let x = Bf16::from_bits(bits);
            let again = Bf16::from_f32(x.to_f32());
            if x.to_f32().is_nan() {
                assert!(again.to_f32().is_nan());
            } else {
                assert_eq!(again.to_bits(), bits);
            }
        }
    }

    #[test]
    fn rounding_goes_to_the_nearest_and_from_halfway_to_the_even_one() {
        for low in (0..0x7f80u16).step_by(7) {
            let (down, up) = (Bf16::from_bits(low), Bf16::from_bits(low + 1));
            let even = if low & 1 == 0 { down } else { up };
            let half = f32::from_bits(u32::from(low) << 16 | 0x8000);
            for (x, expected) in
                [(half.next_down(), down), (half, even), (half.next_up(), up), (down.to_f32(), down)]
            {
                assert_eq!(Bf16::from_f32(x).to_bits(), expected.to_bits(), "{x}");
                assert_eq!(Bf16::from_f32(-x).to_bits(), expected.to_bits() | 0x8000, "{}", -x);
            }
        }
    }

    #[test]
    fn what_is_too_large_is_infinite_and_nan_stays() {
        assert_eq!(Bf16::from_f32(f32::MAX).to_f32(), f32::INFINITY);
        assert_eq!(Bf16::from_f32(f32::NEG_INFINITY).to_f32(), f32::NEG_INFINITY);
        for bits in [0x7f80_0001, 0x7fff_ffff, 0xff80_0001, 0xffff_ffff] {
            assert!(Bf16::from_f32(f32::from_bits(bits)).to_f32().is_nan(), "{bits:x}");
        }
    }
}
