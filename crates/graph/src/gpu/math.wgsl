// Elementary functions: the polynomials of the CPU, whose coefficients these are. Rounding by adding
// and subtracting a large number, as there, would be undone by compilers that reorder sums; here the
// rounding is written as such. NaN is passed on by hand.

// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2.
fn exp_tail(r: f32) -> f32 {
  var y = 1.9875691e-4f;
  y = fma(y, r, 1.3982e-3f);
  y = fma(y, r, 8.333452e-3f);
  y = fma(y, r, 4.1665796e-2f);
  y = fma(y, r, 1.6666665e-1f);
  return fma(y, r, 0.5f);
}

// What is left of x after n times ln 2, in two parts of which the first times n is exact.
fn exp_rest(x: f32, n: f32) -> f32 {
  return fma(-n, -2.1219444e-4f, fma(-n, 0.6933594f, x));
}

fn exp_f32(x: f32) -> f32 {
  let a = clamp(x, -104.0f, 89.0f);
  let n = round(a * 1.442695f);
  let r = exp_rest(a, n);
  let y = fma(exp_tail(r), r * r, r) + 1.0f;
  // Two factors: 2^n itself may lie outside the normal range where the result does not.
  let whole = i32(n);
  let half = whole >> 1u;
  return select(y * exp2i(half) * exp2i(whole - half), x, is_nan(x));
}

// e^x - 1, exact to the sign of zero.
fn expm1_f32(x: f32) -> f32 {
  let a = clamp(x, -20.0f, 89.0f);
  let n = round(a * 1.442695f);
  let r = exp_rest(a, n);
  let p = fma(exp_tail(r), r * r, r);
  // Half of 2^n, so that the largest finite results do not overflow on the way.
  let s = exp2i(i32(n) - 1);
  let y = fma(p, s, s - 0.5f) * 2.0f;
  let near = select(p, x, x == 0.0f);
  return select(select(y, near, n == 0.0f), x, is_nan(x));
}

// ln(2^e * (1 + f)) for f from the root of 1/2 to that of 2, less 1.
fn log_sum(f: f32, e: f32) -> f32 {
  var p = 7.0376836e-2f;
  p = fma(p, f, -1.151461e-1f);
  p = fma(p, f, 1.1676999e-1f);
  p = fma(p, f, -1.2420141e-1f);
  p = fma(p, f, 1.4249323e-1f);
  p = fma(p, f, -1.6668058e-1f);
  p = fma(p, f, 2.0000715e-1f);
  p = fma(p, f, -2.4999994e-1f);
  p = fma(p, f, 3.333333e-1f);
  let z = f * f;
  let y = fma(-0.5f, z, fma(p * f, z, e * -2.1219444e-4f));
  return fma(e, 0.6933594f, f + y);
}

// ln x of a normal, positive number: exponent and mantissa are taken apart at the root of 1/2.
fn log_normal(x: f32, shift: f32) -> f32 {
  let bits = bitcast<u32>(x) - 0x3f3504f3u;
  let e = f32(bitcast<i32>(bits) >> 23u) - shift;
  let m = bitcast<f32>((bits & 0x007fffffu) + 0x3f3504f3u);
  return log_sum(m - 1.0f, e);
}

// The natural logarithm; -infinity at 0, NaN below.
fn log_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let small = bits < 0x00800000u;
  var y = log_normal(select(x, x * 8388608.0f, small), select(0.0f, 23.0f, small));
  y = select(y, -infinity(), (bits & 0x7fffffffu) == 0u);
  y = select(y, nan(), bits > 0x80000000u);
  return select(y, x, bits >= 0x7f800000u && bits < 0x80000000u || is_nan(x));
}

// ln(1 + x), accurate near 0; -infinity at -1, NaN below. The exponent is that of 1 + x, the rest of
// the mantissa comes from x itself: nothing that rounding took from 1 + x is missing.
fn log1p_f32(x: f32) -> f32 {
  let u = 1.0f + x;
  let bits = bitcast<u32>(u);
  let e = bitcast<i32>(bits - 0x3f3504f3u) >> 23u;
  let s = exp2i(clamp(-e, -126, 127));
  // Where 1 is nothing beside x, the mantissa is that of the sum.
  let m = bitcast<f32>(((bits - 0x3f3504f3u) & 0x007fffffu) + 0x3f3504f3u);
  var y = log_sum(select(fma(x, s, s - 1.0f), m - 1.0f, e > 24), f32(e));
  y = select(y, x, abs(x) < 1e-7f);
  y = select(y, -infinity(), (bits & 0x7fffffffu) == 0u);
  y = select(y, nan(), bits > 0x80000000u);
  return select(y, x, bitcast<u32>(x) == 0x7f800000u || is_nan(x));
}

fn tanh_f32(x: f32) -> f32 {
  let a = abs(x);
  let z = x * x;
  var p = -5.7049887e-3f;
  p = fma(p, z, 2.0639088e-2f);
  p = fma(p, z, -5.3739716e-2f);
  p = fma(p, z, 1.3331442e-1f);
  p = fma(p, z, -3.333328e-1f);
  let near = fma(p * z, a, a);
  let far = 1.0f - div_f32(2.0f, exp_f32(a + a) + 1.0f);
  return select(copysign_f32(select(far, near, a < 0.625f), x), x, is_nan(x));
}

fn sigmoid_f32(x: f32) -> f32 {
  let e = exp_f32(-abs(x));
  return select(div_f32(select(1.0f, e, x < 0.0f), 1.0f + e), x, is_nan(x));
}

// ln(1 + e^x), without overflow.
fn softplus_f32(x: f32) -> f32 {
  return select(max(x, 0.0f) + log1p_f32(exp_f32(-abs(x))), x, is_nan(x));
}

// The error function for |x| up to 0.93.
fn erf_near(x: f32) -> f32 {
  let s = x * x;
  var near = -5.967617e-4f;
  near = fma(near, s, 4.991194e-3f);
  near = fma(near, s, -2.6768135e-2f);
  near = fma(near, s, 1.1281993e-1f);
  near = fma(near, s, -3.7612534e-1f);
  near = fma(near, s, 1.2837917e-1f);
  return fma(near, x, x);
}

fn erf_f32(x: f32) -> f32 {
  let a = abs(x);
  // Past 4 the result is 1; the polynomial in the exponent is only good up to there.
  let t = min(a, 4.0f);
  var far = -1.7285347e-5f;
  far = fma(far, t, 3.8319713e-4f);
  far = fma(far, t, -3.8839644e-3f);
  far = fma(far, t, 2.4254622e-2f);
  far = fma(far, t, -1.0677788e-1f);
  far = fma(far, t, -6.348467e-1f);
  far = fma(far, t, -1.2871751e-1f);
  let tail = copysign_f32(1.0f - exp_f32(fma(far, t, -t)), x);
  return select(select(erf_near(x), tail, a > 0.9277344f), x, is_nan(x));
}

// 1 - erf x, accurate where it is small too.
fn erfc_f32(x: f32) -> f32 {
  let a = min(abs(x), 10.5f);
  // (1 + 2a) exp(a^2) erfc(a), in (a - 2) / (a + 2).
  let t = div_f32(a - 2.0f, a + 2.0f);
  var p = -4.005796e-4f;
  p = fma(p, t, -1.2299308e-3f);
  p = fma(p, t, 1.3135254e-3f);
  p = fma(p, t, 8.631685e-3f);
  p = fma(p, t, -8.059876e-3f);
  p = fma(p, t, -5.42043e-2f);
  p = fma(p, t, 1.6405535e-1f);
  p = fma(p, t, -1.6603142e-1f);
  p = fma(p, t, -9.276398e-2f);
  p = fma(p, t, 1.2769784f);
  // The square in two parts: that of the first twelve bits is exact.
  let high = upper(a);
  let rest = exp_f32((high - a) * (high + a)) * div_f32(p, 1.0f + 2.0f * a);
  let tail = exp_f32(-high * high) * rest;
  let far = select(tail, 2.0f - tail, x < 0.0f);
  return select(select(far, 1.0f - erf_near(x), a < 0.5f), x, is_nan(x));
}

// The inverse of the error function on (-1, 1), after M. Giles, as on the CPU.
fn erfinv_f32(x: f32) -> f32 {
  let w = -log_f32((1.0f - x) * (1.0f + x));
  let m = w - 2.5f;
  var y = 2.8102264e-8f;
  y = fma(y, m, 3.4327394e-7f);
  y = fma(y, m, -3.5233877e-6f);
  y = fma(y, m, -4.3915066e-6f);
  y = fma(y, m, 2.1858087e-4f);
  y = fma(y, m, -1.253725e-3f);
  y = fma(y, m, -4.1776817e-3f);
  y = fma(y, m, 2.4664073e-1f);
  y = fma(y, m, 1.5014094f);
  let q = sqrt_f32(w) - 3.0f;
  var ends = -2.0021426e-4f;
  ends = fma(ends, q, 1.0095056e-4f);
  ends = fma(ends, q, 1.3493432e-3f);
  ends = fma(ends, q, -3.6734284e-3f);
  ends = fma(ends, q, 5.7395077e-3f);
  ends = fma(ends, q, -7.6224613e-3f);
  ends = fma(ends, q, 9.4388705e-3f);
  ends = fma(ends, q, 1.001674f);
  ends = fma(ends, q, 2.8329768f);
  let value = select(ends, y, w < 5.0f) * x;
  let far = select(nan(), copysign_f32(infinity(), x), abs(x) == 1.0f);
  return select(select(far, value, abs(x) < 1.0f), x, is_nan(x));
}
