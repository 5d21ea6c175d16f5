// The inverse trigonometric functions: the polynomials of the CPU (two of them Cephes's).

// (arcsin a - a) / a for a^2 = z <= 1/4.
fn arcsin_tail(z: f32) -> f32 {
  var y = 4.21632e-2f;
  y = fma(y, z, 2.4181311e-2f);
  y = fma(y, z, 4.5470026e-2f);
  y = fma(y, z, 7.4953003e-2f);
  y = fma(y, z, 1.6666752e-1f);
  return y * z;
}

fn asin_f32(x: f32) -> f32 {
  let a = abs(x);
  let near = a <= 0.5f;
  let z = select(0.5f * (1.0f - a), a * a, near);
  let s = select(sqrt_f32(max(z, 0.0f)), a, near);
  let y = fma(arcsin_tail(z), s, s);
  let value = copysign_f32(select(1.5707964f - fma(2.0f, y, 4.371139e-8f), y, near), x);
  return select(nan(), value, a <= 1.0f && !is_nan(x));
}

fn acos_f32(x: f32) -> f32 {
  let a = abs(x);
  let near = a <= 0.5f;
  let z = select(0.5f * (1.0f - a), a * a, near);
  let s = select(sqrt_f32(max(z, 0.0f)), x, near);
  let y = fma(arcsin_tail(z), s, s);
  let end = select(2.0f * y, 3.1415927f - fma(2.0f, y, 8.742278e-8f), x < 0.0f);
  let value = select(end, 1.5707964f - (y + 4.371139e-8f), near);
  return select(nan(), value, a <= 1.0f && !is_nan(x));
}

// The angle whose tangent is t for 0 <= t <= 1.
fn arctan(t: f32) -> f32 {
  let z = t * t;
  var y = -1.7935939e-3f;
  y = fma(y, z, 1.0914481e-2f);
  y = fma(y, z, -3.1177612e-2f);
  y = fma(y, z, 5.795736e-2f);
  y = fma(y, z, -8.403437e-2f);
  y = fma(y, z, 1.0952181e-1f);
  y = fma(y, z, -1.4264241e-1f);
  y = fma(y, z, 1.9998549e-1f);
  y = fma(y, z, -3.33333e-1f);
  return fma(y * z, t, t);
}

fn atan_f32(x: f32) -> f32 {
  let a = abs(x);
  let steep = a > 1.0f;
  let inverse = select(div_f32(1.0f, a), 0.0f, bitcast<u32>(a) == 0x7f800000u);
  let y = arctan(select(a, inverse, steep));
  let value = select(y, 1.5707964f - (y + 4.371139e-8f), steep);
  return select(copysign_f32(value, x), x, is_nan(x));
}

// The angle of the point (x, y). Equal sides, infinite ones too, make half a right angle; without sides
// it is none.
fn atan2_f32(y: f32, x: f32) -> f32 {
  let a = bitcast<u32>(y) & 0x7fffffffu;
  let b = bitcast<u32>(x) & 0x7fffffffu;
  let steep = a > b;
  let low = min(a, b);
  let high = max(a, b);
  if (high > 0x7f800000u) {
    return nan();
  }
  var ratio = 0.0f;
  if (low == high) {
    ratio = 1.0f;
  } else if (high < 0x7f800000u) {
    // Two large sides are halved, since a device's division is only good where its inverse is normal.
    let by = select(1.0f, 0.25f, high > 0x7e000000u);
    ratio = div_f32(bitcast<f32>(low) * by, bitcast<f32>(high) * by);
  }
  var angle = arctan(select(ratio, 0.0f, high == 0u));
  angle = select(angle, 1.5707964f - (angle + 4.371139e-8f), steep);
  angle = select(angle, 3.1415927f - (angle + 8.742278e-8f), bitcast<u32>(x) >= 0x80000000u);
  return copysign_f32(angle, y);
}
