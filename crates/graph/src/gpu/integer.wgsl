// Integers: division that rounds down and is 0 where the divisor is, and conversions that saturate.

fn neg_i32(a: i32) -> i32 {
  return bitcast<i32>(0u - bitcast<u32>(a));
}

fn neg_u32(a: u32) -> u32 {
  return 0u - a;
}

fn sign_i32(a: i32) -> i32 {
  return sign(a);
}

fn sign_u32(a: u32) -> u32 {
  return min(a, 1u);
}

fn max_i32(a: i32, b: i32) -> i32 {
  return max(a, b);
}

fn max_u32(a: u32, b: u32) -> u32 {
  return max(a, b);
}

fn min_i32(a: i32, b: i32) -> i32 {
  return min(a, b);
}

fn min_u32(a: u32, b: u32) -> u32 {
  return min(a, b);
}

fn floor_div_u32(a: u32, b: u32) -> u32 {
  return select(0u, a / max(b, 1u), b != 0u);
}

fn mod_u32(a: u32, b: u32) -> u32 {
  return select(0u, a % max(b, 1u), b != 0u);
}

fn floor_div_i32(a: i32, b: i32) -> i32 {
  if (b == 0 || b == -1) {
    return select(0, neg_i32(a), b == -1);
  }
  let q = a / b;
  return select(q, q - 1, a != q * b && (a < 0) != (b < 0));
}

fn mod_i32(a: i32, b: i32) -> i32 {
  if (b == 0 || b == -1) {
    return 0;
  }
  let r = a - a / b * b;
  return select(r, r + b, r != 0 && (r < 0) != (b < 0));
}

// The upper word of the product.
fn multiply_high(a: u32, b: u32) -> u32 {
  let al = a & 0xffffu;
  let ah = a >> 16u;
  let bl = b & 0xffffu;
  let bh = b >> 16u;
  let middle = ah * bl + ((al * bl) >> 16u);
  let carry = al * bh + (middle & 0xffffu);
  return ah * bh + (middle >> 16u) + (carry >> 16u);
}

fn i32_of_f32(x: f32) -> i32 {
  let inside = i32(clamp(x, -2147483520.0f, 2147483520.0f));
  let low = select(inside, bitcast<i32>(0x80000000u), x <= -2147483648.0f);
  let high = select(low, 0x7fffffffi, x >= 2147483648.0f);
  return select(high, 0, is_nan(x));
}

fn u32_of_f32(x: f32) -> u32 {
  let inside = u32(clamp(x, 0.0f, 4294967040.0f));
  let high = select(inside, 0xffffffffu, x >= 4294967296.0f);
  return select(high, 0u, is_nan(x));
}

fn trunc_i32(a: i32) -> i32 {
  return a;
}

fn trunc_u32(a: u32) -> u32 {
  return a;
}

fn round_i32(a: i32) -> i32 {
  return a;
}

fn round_u32(a: u32) -> u32 {
  return a;
}

fn relu_i32(a: i32) -> i32 {
  return max(a, 0);
}

fn relu_u32(a: u32) -> u32 {
  return a;
}

fn relu6_i32(a: i32) -> i32 {
  return clamp(a, 0, 6);
}

fn relu6_u32(a: u32) -> u32 {
  return min(a, 6u);
}

fn pow_u32(a: u32, b: u32) -> u32 {
  var power = 1u;
  var square = a;
  var rest = b;
  while (rest != 0u) {
    power = select(power, power * square, (rest & 1u) == 1u);
    square = square * square;
    rest = rest >> 1u;
  }
  return power;
}

// A negative power is 0 but for 1 and -1.
fn pow_i32(a: i32, b: i32) -> i32 {
  if (b >= 0) {
    return bitcast<i32>(pow_u32(bitcast<u32>(a), bitcast<u32>(b)));
  }
  return select(select(0, select(1, -1, (b & 1) == 1), a == -1), 1, a == 1);
}

// Places are read as unsigned; past the width nothing is left but the sign.
fn shift_left_u32(a: u32, places: u32) -> u32 {
  return select(a << (places & 31u), 0u, places >= 32u);
}

fn shift_left_i32(a: i32, places: i32) -> i32 {
  return bitcast<i32>(shift_left_u32(bitcast<u32>(a), bitcast<u32>(places)));
}

fn shift_right_u32(a: u32, places: u32) -> u32 {
  return select(a >> (places & 31u), 0u, places >= 32u);
}

fn shift_right_i32(a: i32, places: i32) -> i32 {
  return a >> min(bitcast<u32>(places), 31u);
}

// The greatest number that divides both.
fn gcd_u32(x: u32, y: u32) -> u32 {
  var a = x;
  var b = y;
  while (b != 0u) {
    let rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

fn gcd_i32(x: i32, y: i32) -> i32 {
  return bitcast<i32>(gcd_u32(bitcast<u32>(abs(x)), bitcast<u32>(abs(y))));
}
