// x^y after e_powf.c of FreeBSD's msun (Copyright (C) 1993 by Sun Microsystems, Inc., developed at
// SunPro; permission to use, copy, modify, and distribute it is freely granted, provided that this
// notice is preserved): the logarithm in two floats, of which the first is cut to 12 bits so that
// products with it are exact. Cutting is done on the bits, where no compiler looks through it.

// log2 of a positive, finite number as a sum, the first part with 12 bits.
fn log2_parts(x: f32) -> vec2<f32> {
  let small = bitcast<u32>(x) < 0x00800000u;
  let bits = bitcast<u32>(select(x, x * 16777216.0f, small));
  var n = i32(bits >> 23u) - select(127, 151, small);
  let j = bits & 0x007fffffu;
  // From 1 to the root of 3/2, or to the root of 3 around 3/2.
  let second = j > 0x001cc471u && j < 0x005db3d7u;
  let carried = j >= 0x005db3d7u;
  n = n + i32(carried);
  let a = bitcast<f32>((j | 0x3f800000u) - select(0u, 0x00800000u, carried));
  let centre = select(1.0f, 1.5f, second);
  // s = (a - centre) / (a + centre), in two parts.
  let u = a - centre;
  let v = div_f32(1.0f, a + centre);
  let s = u * v;
  let s_h = upper(s);
  let sum_bits = (((bitcast<u32>(a) >> 1u) & 0xfffff000u) | 0x20000000u) + 0x00400000u;
  let sum_h = bitcast<f32>(sum_bits + select(0u, 0x00200000u, second));
  let sum_l = a - (sum_h - centre);
  let s_l = v * ((u - s_h * sum_h) - s_h * sum_l);
  let z = s * s;
  var r = 2.0697501302e-01f;
  r = fma(r, z, 2.3066075146e-01f);
  r = fma(r, z, 2.7272811532e-01f);
  r = fma(r, z, 3.3333334327e-01f);
  r = fma(r, z, 4.2857143283e-01f);
  r = fma(r, z, 6.0000002384e-01f);
  r = fma(z * z, r, s_l * (s_h + s));
  let z_h = s_h * s_h;
  let t_h = upper(3.0f + z_h + r);
  let t_l = r - ((t_h - 3.0f) - z_h);
  let p = s_h * t_h;
  let q = fma(s_l, t_h, t_l * s);
  let p_h = upper(p + q);
  let p_l = q - (p_h - p);
  // 2 / (3 ln 2) in two parts, and log2 of 3/2.
  let l_h = 9.6191406250e-01f * p_h;
  let l_l = fma(-1.1736857402e-04f, p_h, fma(p_l, 9.6179670095e-01f, select(0.0f, 1.56322085e-06f, second)));
  let base = select(0.0f, 5.84960938e-01f, second);
  let e = f32(n);
  let first = upper(((l_h + l_l) + base) + e);
  return vec2<f32>(first, l_l - (((first - e) - base) - l_h));
}

// Where a logarithm is not finite, or x is 1.
fn log_ends(x: f32, y: f32) -> f32 {
  let bits = bitcast<u32>(x);
  var z = select(y, 0.0f, bits == 0x3f800000u);
  z = select(z, nan(), bits > 0x80000000u);
  z = select(z, -infinity(), (bits & 0x7fffffffu) == 0u);
  return select(z, x, bits >= 0x7f800000u && bits < 0x80000000u || is_nan(x));
}

// The logarithm to base 2, exact for powers of 2.
fn log2_f32(x: f32) -> f32 {
  let l = log2_parts(x);
  return log_ends(x, l.x + l.y);
}

// The logarithm to base 10: log10 of 2 in two parts, the first with 12 bits.
fn log10_f32(x: f32) -> f32 {
  let l = log2_parts(x);
  let low = fma(l.x, 4.605039e-6f, l.y * 3.0103e-1f);
  return log_ends(x, fma(l.x, 3.0102539e-1f, low));
}

// |x|^y where both are finite and x is not 0.
fn pow_size(x: f32, y: f32) -> f32 {
  let l = log2_parts(abs(x));
  let about = y * l.x;
  // Far out of range: the result is 0 or infinite, and the parts below might not be finite.
  if (!(abs(about) < 200.0f)) {
    return select(0.0f, infinity(), about > 0.0f);
  }
  let y_h = upper(y);
  let low = fma(y - y_h, l.x, y * l.y);
  let high = y_h * l.x;
  let n = round(high + low);
  let f = (high - n) + low;
  let r = f * 0.6931472f;
  let value = fma(exp_tail(r), r * r, r) + 1.0f;
  let whole = clamp(i32(n), -250, 250);
  let half = whole >> 1u;
  return value * exp2i(half) * exp2i(whole - half);
}

// x^y with the special cases of IEEE 754.
fn pow_f32(x: f32, y: f32) -> f32 {
  let ax = bitcast<u32>(x) & 0x7fffffffu;
  let ay = bitcast<u32>(y) & 0x7fffffffu;
  if (ay == 0u || bitcast<u32>(x) == 0x3f800000u) {
    return 1.0f;
  }
  if (ax > 0x7f800000u || ay > 0x7f800000u) {
    return nan();
  }
  // Floats from 2^24 on are even integers.
  let size = abs(y);
  let integer = ay >= 0x4b800000u || floor(size) == size;
  let odd = integer && ay < 0x4b800000u && (u32(min(size, 16777216.0f)) & 1u) == 1u;
  let negative = bitcast<u32>(x) >= 0x80000000u;
  let up = bitcast<u32>(y) < 0x80000000u;
  var result = 0.0f;
  if (ax == 0u || ax == 0x7f800000u || ay == 0x7f800000u) {
    let shrinks = (ax < 0x3f800000u) == up;
    result = select(infinity(), 0.0f, shrinks);
    result = select(result, 1.0f, ax == 0x3f800000u);
  } else {
    if (negative && !integer) {
      return nan();
    }
    result = pow_size(x, y);
  }
  return select(result, -result, negative && odd);
}
