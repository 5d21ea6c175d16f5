/// The next float after `x` in the direction of `y`; `y` where they are equal, NaN if either is.
#[inline(always)]
pub fn next_after(x: f32, y: f32) -> f32 {
    let bits = x.to_bits();
    let away = (x < y) == (x > 0.0);
    let next = f32::from_bits(if away { bits.wrapping_add(1) } else { bits.wrapping_sub(1) });
    let next = if x == 0.0 { f32::from_bits(1).copysign(y) } else { next };
    let next = if x == y { y } else { next };
    if x.is_nan() || y.is_nan() { f32::NAN } else { next }
}
