// The hyperbolic functions and their inverses, as on the CPU.

// e^x / 2, which stays finite for a little longer than e^x.
fn half_exp(x: f32) -> f32 {
  let a = clamp(x, -103.0f, 90.0f);
  let n = round(a * 1.442695f);
  let r = exp_rest(a, n);
  let y = fma(exp_tail(r), r * r, r) + 1.0f;
  let whole = i32(n) - 1;
  let half = whole >> 1u;
  return y * exp2i(half) * exp2i(whole - half);
}

fn sinh_f32(x: f32) -> f32 {
  let a = abs(x);
  let z = x * x;
  let p = fma(fma(2.0372191e-4f, z, 8.330284e-3f), z, 1.6666716e-1f);
  let half = half_exp(a);
  let y = select(half - div_f32(0.25f, half), fma(p * z, a, a), a < 1.0f);
  return select(copysign_f32(y, x), x, !is_finite(x));
}

fn cosh_f32(x: f32) -> f32 {
  let half = half_exp(abs(x));
  let y = half + div_f32(0.25f, half);
  return select(y, abs(x), !is_finite(x));
}

fn asinh_f32(x: f32) -> f32 {
  let a = abs(x);
  // Past 1e9 adding 1 to the square is nothing, and the square may overflow.
  let b = min(a, 1e9f);
  let z = b * b;
  let near = log1p_f32(div_f32(z, 1.0f + sqrt_f32(z + 1.0f)) + b);
  let y = select(near, log_f32(a) + 0.6931472f, a > 1e9f);
  return select(copysign_f32(y, x), x, !is_finite(x));
}

fn acosh_f32(x: f32) -> f32 {
  let t = clamp(x, 1.0f, 1e9f) - 1.0f;
  let near = log1p_f32(sqrt_f32(t * (t + 2.0f)) + t);
  let y = select(near, log_f32(x) + 0.6931472f, x > 1e9f);
  return select(select(nan(), y, x >= 1.0f), x, is_nan(x) || bitcast<u32>(x) == 0x7f800000u);
}

fn atanh_f32(x: f32) -> f32 {
  let a = abs(x);
  let y = log1p_f32(div_f32(2.0f * a, 1.0f - min(a, 0.99999994f))) * 0.5f;
  let end = select(nan(), infinity(), a == 1.0f);
  return select(copysign_f32(select(end, y, a < 1.0f), x), x, is_nan(x));
}
