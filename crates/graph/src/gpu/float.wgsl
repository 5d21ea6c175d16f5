// Floats: what IEEE 754 says and WGSL leaves open. Compilers may assume that there is no NaN and no
// infinity, so these are looked for in the bits, and made from bits that are not known at compile time.

fn nan() -> f32 {
  var bits = 0x7fc00000u;
  return bitcast<f32>(bits);
}

fn infinity() -> f32 {
  var bits = 0x7f800000u;
  return bitcast<f32>(bits);
}

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn is_finite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) < 0x7f800000u;
}

fn is_infinite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u;
}

// |x| with the sign of s.
fn copysign_f32(x: f32, s: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0x7fffffffu) | (bitcast<u32>(s) & 0x80000000u));
}

// The bfloat16 next to x, the even one of two; NaN stays NaN.
fn bf16_of_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let rounded = (bits + 0x7fffu + ((bits >> 16u) & 1u)) & 0xffff0000u;
  return bitcast<f32>(select(rounded, bits | 0x400000u, is_nan(x)));
}

// 2^n for -126 <= n <= 127.
fn exp2i(n: i32) -> f32 {
  return bitcast<f32>(bitcast<u32>(n + 127) << 23u);
}

// The upper 12 bits of a mantissa: the product of two such numbers is exact.
fn upper(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u);
}

// Whether a number is so far from 0 and infinity that what rounding takes from it is a normal number.
fn is_ample(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) - 0x0d000000u < 0x71000000u;
}

// a - p * q where it is small beside a: in four exact products, since fma need not be one operation.
fn residual(a: f32, p: f32, q: f32) -> f32 {
  let p_h = upper(p);
  let q_h = upper(q);
  let p_l = p - p_h;
  let q_l = q - q_h;
  return (((a - p_h * q_h) - p_h * q_l) - p_l * q_h) - p_l * q_l;
}

// A device's division may be 2.5 units in the last place off; what it left over is divided again.
fn div_f32(a: f32, b: f32) -> f32 {
  let q = a / b;
  let better = q + residual(a, q, b) * (1.0 / b);
  return select(q, better, is_ample(a) && is_ample(b) && is_ample(q));
}

// A device's root may be as far off as its division and its inverse root together.
fn sqrt_f32(x: f32) -> f32 {
  let s = sqrt(x);
  return select(s, s + residual(x, s, s) * (0.5 / s), is_ample(x) && bitcast<u32>(x) < 0x80000000u);
}

// √(x² + y²), without overflow.
fn hypot_f32(x: f32, y: f32) -> f32 {
  let far = max_f32(abs(x), abs(y));
  let near = min_f32(abs(x), abs(y));
  let r = div_f32(near, far);
  return select(far * sqrt_f32(fma(r, r, 1.0)), far, near == 0.0 || is_infinite(far));
}

fn neg_f32(a: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(a) ^ 0x80000000u);
}

fn sign_f32(a: f32) -> f32 {
  return select(select(select(0.0, 1.0, a > 0.0), -1.0, a < 0.0), a, is_nan(a));
}

// The greater of the two; NaN if either is.
fn max_f32(a: f32, b: f32) -> f32 {
  return select(select(select(b, a, a > b), b, is_nan(b)), a, is_nan(a));
}

// The lesser of the two; NaN if either is.
fn min_f32(a: f32, b: f32) -> f32 {
  return select(select(select(b, a, a < b), b, is_nan(b)), a, is_nan(a));
}

fn trunc_f32(a: f32) -> f32 {
  return trunc(a);
}

fn round_f32(a: f32) -> f32 {
  return round(a);
}

// NaN stays.
fn relu_f32(a: f32) -> f32 {
  return select(0.0, a, a > 0.0 || is_nan(a));
}

// NaN stays.
fn relu6_f32(a: f32) -> f32 {
  return select(relu_f32(a), 6.0, a > 6.0);
}

// The next float after x in the direction of y.
fn next_after_f32(x: f32, y: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let other = bitcast<u32>(y);
  if (is_nan(x) || is_nan(y)) {
    return nan();
  }
  if (bits == other || ((bits | other) & 0x7fffffffu) == 0u) {
    return y;
  }
  if ((bits & 0x7fffffffu) == 0u) {
    return bitcast<f32>((other & 0x80000000u) | 1u);
  }
  // The bits of floats of one sign are in the order of their sizes: away from 0 they grow.
  let away = (bits ^ other) < 0x80000000u && other > bits;
  return bitcast<f32>(select(bits - 1u, bits + 1u, away));
}

fn floor_div_f32(a: f32, b: f32) -> f32 {
  return floor(div_f32(a, b));
}

// a - floor(a / b) * b, with the sign of b.
fn mod_f32(a: f32, b: f32) -> f32 {
  let r = remainder_f32(a, b);
  let turned = select(r, r + b, r != 0.0 && (r < 0.0) != (b < 0.0));
  let signed = select(turned, copysign_f32(turned, b), turned == 0.0);
  return select(signed, r, is_nan(r));
}

// What is left of a after whole times b, with the sign of a: exact, by long division of the mantissas.
fn remainder_f32(a: f32, b: f32) -> f32 {
  let ax = bitcast<u32>(a) & 0x7fffffffu;
  let bx = bitcast<u32>(b) & 0x7fffffffu;
  if (bx < 0x00800000u || bx > 0x7f800000u || ax >= 0x7f800000u) {
    return nan();
  }
  if (ax < bx) {
    return a;
  }
  var ea = ax >> 23u;
  let eb = bx >> 23u;
  var m = (ax & 0x007fffffu) | 0x00800000u;
  let d = (bx & 0x007fffffu) | 0x00800000u;
  loop {
    m = select(m, m - d, m >= d);
    if (ea == eb) {
      break;
    }
    m = m << 1u;
    ea = ea - 1u;
  }
  let sign = bitcast<u32>(a) & 0x80000000u;
  if (m == 0u) {
    return bitcast<f32>(sign);
  }
  let shift = countLeadingZeros(m) - 8u;
  if (shift >= ea) {
    // Below the smallest normal number.
    return bitcast<f32>(sign | (m << (ea - 1u)));
  }
  return bitcast<f32>(sign | ((ea - shift) << 23u) | ((m << shift) & 0x007fffffu));
}
