// Sines and cosines. The nearest quarter turn is found with integers (after Payne and Hanek), exactly
// for every float: devices have no doubles.

// 32 bits of 2 / pi from a multiple of 32 on.
fn two_over_pi(i: u32) -> u32 {
  switch (i) {
    case 0u: { return 0x28be60dbu; }
    case 1u: { return 0x9391054au; }
    case 2u: { return 0x7f09d5f4u; }
    case 3u: { return 0x7d4d3770u; }
    case 4u: { return 0x36d8a566u; }
    case 5u: { return 0x4f10e410u; }
    default: { return 0u; }
  }
}

// The nearest quarter turn of x radians (modulo 4), and what is left of it, as the bits of a float.
fn quarter_turns(x: f32) -> vec2<u32> {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  if (bits < 0x3f490fdbu) {
    return vec2<u32>(0u, bitcast<u32>(x));
  }
  // x = m * 2^(e - 32) with the mantissa at the top of m.
  let e = (bits >> 23u) - 126u;
  let m = ((bits & 0x007fffffu) | 0x00800000u) << 8u;
  let at = e >> 5u;
  let by = e & 31u;
  var hi = select(0u, two_over_pi(at - 1u), at > 0u);
  var mid = two_over_pi(at);
  var lo = two_over_pi(at + 1u);
  let next = two_over_pi(at + 2u);
  if (by > 0u) {
    hi = (hi << by) | (mid >> (32u - by));
    mid = (mid << by) | (lo >> (32u - by));
    lo = (lo << by) | (next >> (32u - by));
  }
  // The product with 2 / pi in 64 bits, of which two stand before the point.
  var p = vec2<u32>(multiply_high(m, lo), 0u);
  p = i64_add(p, vec2<u32>(m * mid, multiply_high(m, mid)));
  p.y = p.y + m * hi;
  var quarter = p.y >> 30u;
  p.y = p.y & 0x3fffffffu;
  var negative = bitcast<u32>(x) >= 0x80000000u;
  if ((p.y & 0x20000000u) != 0u) {
    // The next quarter turn is nearer.
    p = i64_sub(vec2<u32>(0u, 0x40000000u), p);
    quarter = quarter + 1u;
    negative = !negative;
  }
  let r = f32_of_u64(p) * 3.4061215800e-19f;
  let turns = select(quarter, 0u - quarter, bitcast<u32>(x) >= 0x80000000u);
  return vec2<u32>(turns, bitcast<u32>(select(r, -r, negative)));
}

// sin r for |r| <= pi / 4.
fn sine(r: f32) -> f32 {
  let z = r * r;
  let p = fma(fma(-1.9515296e-4f, z, 8.332161e-3f), z, -1.6666655e-1f);
  return fma(p * z, r, r);
}

// cos r for |r| <= pi / 4.
fn cosine(r: f32) -> f32 {
  let z = r * r;
  let p = fma(fma(2.4433157e-5f, z, -1.3887316e-3f), z, 4.1666646e-2f);
  return fma(p, z * z, fma(-0.5f, z, 1.0f));
}

// The sine of r and so many quarter turns.
fn rotate(quarter: u32, r: f32) -> f32 {
  let y = select(cosine(r), sine(r), (quarter & 1u) == 0u);
  return select(-y, y, (quarter & 2u) == 0u);
}

fn sin_f32(x: f32) -> f32 {
  let q = quarter_turns(x);
  let y = rotate(q.x, bitcast<f32>(q.y));
  return select(nan(), select(y, x, abs(x) < 1e-4f), is_finite(x));
}

fn cos_f32(x: f32) -> f32 {
  let q = quarter_turns(x);
  return select(nan(), rotate(q.x + 1u, bitcast<f32>(q.y)), is_finite(x));
}

// The tangent, by the polynomial of Cephes.
fn tan_f32(x: f32) -> f32 {
  let q = quarter_turns(x);
  let r = bitcast<f32>(q.y);
  let z = r * r;
  var p = 9.385402e-3f;
  p = fma(p, z, 3.1199223e-3f);
  p = fma(p, z, 2.4430135e-2f);
  p = fma(p, z, 5.341128e-2f);
  p = fma(p, z, 1.3338799e-1f);
  p = fma(p, z, 3.3333157e-1f);
  let t = fma(p * z, r, r);
  let y = select(div_f32(-1.0f, t), t, (q.x & 1u) == 0u);
  return select(nan(), select(y, x, abs(x) < 1e-4f), is_finite(x));
}

// The sine of t turns and so many quarter turns, for t in [0, 1): nothing is rounded but the last
// product of the angle.
fn sin_turns(t: f32, quarter: u32) -> f32 {
  let n = round(t * 4.0f);
  let r = fma(n, -0.25f, t) * 6.2831855f;
  return rotate(u32(n) + quarter, r);
}
