// int64: two words, the low one first. A table's op of this name has an int64 kernel.

fn i64_add(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = a.x + b.x;
  return vec2<u32>(low, a.y + b.y + u32(low < a.x));
}

fn i64_sub(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return vec2<u32>(a.x - b.x, a.y - b.y - u32(a.x < b.x));
}

fn i64_mul(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return vec2<u32>(a.x * b.x, multiply_high(a.x, b.x) + a.x * b.y + a.y * b.x);
}

fn i64_square(a: vec2<u32>) -> vec2<u32> {
  return i64_mul(a, a);
}

fn i64_neg(a: vec2<u32>) -> vec2<u32> {
  return i64_sub(vec2<u32>(), a);
}

fn i64_abs(a: vec2<u32>) -> vec2<u32> {
  return select(a, i64_neg(a), a.y >= 0x80000000u);
}

fn i64_sign(a: vec2<u32>) -> vec2<u32> {
  let positive = vec2<u32>(u32(any(a != vec2<u32>())), 0u);
  return select(positive, vec2<u32>(0xffffffffu), a.y >= 0x80000000u);
}

// Quotient and rest of two positive numbers, the divisor not 0: bit by bit.
fn u64_divide(a: vec2<u32>, b: vec2<u32>) -> vec4<u32> {
  var quotient = vec2<u32>();
  var rest = vec2<u32>();
  for (var bit = 63; bit >= 0; bit--) {
    let word = select(a.x, a.y, bit >= 32);
    let over = rest.y >> 31u;
    rest = vec2<u32>((rest.x << 1u) | ((word >> u32(bit & 31)) & 1u), (rest.y << 1u) | (rest.x >> 31u));
    let fits = over == 1u || rest.y > b.y || (rest.y == b.y && rest.x >= b.x);
    rest = select(rest, i64_sub(rest, b), fits);
    quotient = vec2<u32>((quotient.x << 1u) | u32(fits), (quotient.y << 1u) | (quotient.x >> 31u));
  }
  return vec4<u32>(quotient, rest);
}

// Rounded down; 0 where the divisor is.
fn i64_floor_div(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (all(b == vec2<u32>())) {
    return vec2<u32>();
  }
  let size = u64_divide(i64_abs(a), i64_abs(b));
  let down = i64_neg(i64_add(size.xy, vec2<u32>(u32(any(size.zw != vec2<u32>())), 0u)));
  return select(size.xy, down, (a.y ^ b.y) >= 0x80000000u);
}

// With the sign of the divisor; 0 where the divisor is.
fn i64_mod(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return select(vec2<u32>(), i64_sub(a, i64_mul(i64_floor_div(a, b), b)), any(b != vec2<u32>()));
}

fn i64_stop_gradient(a: vec2<u32>) -> vec2<u32> {
  return a;
}

fn i64_where(c: u32, a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return select(b, a, c != 0u);
}

fn i64_below(a: vec2<u32>, b: vec2<u32>) -> bool {
  return bitcast<i32>(a.y) < bitcast<i32>(b.y) || (a.y == b.y && a.x < b.x);
}

fn i64_maximum(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return select(a, b, i64_below(a, b));
}

fn i64_minimum(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return select(a, b, i64_below(b, a));
}

fn i64_equal(a: vec2<u32>, b: vec2<u32>) -> u32 {
  return u32(all(a == b));
}

fn i64_not_equal(a: vec2<u32>, b: vec2<u32>) -> u32 {
  return u32(any(a != b));
}

fn i64_less(a: vec2<u32>, b: vec2<u32>) -> u32 {
  return u32(i64_below(a, b));
}

fn i64_less_equal(a: vec2<u32>, b: vec2<u32>) -> u32 {
  return u32(!i64_below(b, a));
}

fn i64_greater(a: vec2<u32>, b: vec2<u32>) -> u32 {
  return u32(i64_below(b, a));
}

fn i64_greater_equal(a: vec2<u32>, b: vec2<u32>) -> u32 {
  return u32(!i64_below(a, b));
}

fn i64_trunc(a: vec2<u32>) -> vec2<u32> {
  return a;
}

fn i64_round(a: vec2<u32>) -> vec2<u32> {
  return a;
}

fn i64_relu(a: vec2<u32>) -> vec2<u32> {
  return select(a, vec2<u32>(), a.y >= 0x80000000u);
}

fn i64_relu6(a: vec2<u32>) -> vec2<u32> {
  let six = vec2<u32>(6u, 0u);
  let inside = a.y == 0u && a.x <= 6u;
  return select(select(six, vec2<u32>(), a.y >= 0x80000000u), a, inside);
}

// A negative power is 0 but for 1 and -1.
fn i64_pow(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let odd = (b.x & 1u) == 1u;
  if (b.y >= 0x80000000u) {
    let minus_one = vec2<u32>(0xffffffffu);
    let one = vec2<u32>(1u, 0u);
    let of_minus_one = select(one, minus_one, odd);
    return select(select(vec2<u32>(), of_minus_one, all(a == minus_one)), one, all(a == one));
  }
  var power = vec2<u32>(1u, 0u);
  var square = a;
  var rest = b;
  while (any(rest != vec2<u32>())) {
    power = select(power, i64_mul(power, square), (rest.x & 1u) == 1u);
    square = i64_mul(square, square);
    rest = vec2<u32>((rest.x >> 1u) | (rest.y << 31u), rest.y >> 1u);
  }
  return power;
}

fn i64_bitwise_and(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return a & b;
}

fn i64_bitwise_or(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return a | b;
}

fn i64_bitwise_xor(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return a ^ b;
}

fn i64_bitwise_not(a: vec2<u32>) -> vec2<u32> {
  return ~a;
}

// Places are read as unsigned; past the width nothing is left but the sign.
fn i64_left_shift(a: vec2<u32>, places: vec2<u32>) -> vec2<u32> {
  if (places.y != 0u || places.x >= 64u) {
    return vec2<u32>();
  }
  let by = places.x & 31u;
  if (places.x >= 32u) {
    return vec2<u32>(0u, a.x << by);
  }
  let over = select(a.x >> ((32u - by) & 31u), 0u, by == 0u);
  return vec2<u32>(a.x << by, (a.y << by) | over);
}

fn i64_right_shift(a: vec2<u32>, places: vec2<u32>) -> vec2<u32> {
  let sign = select(0u, 0xffffffffu, a.y >= 0x80000000u);
  if (places.y != 0u || places.x >= 64u) {
    return vec2<u32>(sign);
  }
  let by = places.x & 31u;
  let high = bitcast<u32>(bitcast<i32>(a.y) >> by);
  if (places.x >= 32u) {
    return vec2<u32>(high, sign);
  }
  let over = select(a.y << ((32u - by) & 31u), 0u, by == 0u);
  return vec2<u32>((a.x >> by) | over, high);
}

fn i64_gcd(x: vec2<u32>, y: vec2<u32>) -> vec2<u32> {
  var a = i64_abs(x);
  var b = i64_abs(y);
  while (any(b != vec2<u32>())) {
    let rest = u64_divide(a, b).zw;
    a = b;
    b = rest;
  }
  return a;
}

fn i64_of_i32(x: i32) -> vec2<u32> {
  return vec2<u32>(bitcast<u32>(x), select(0u, 0xffffffffu, x < 0));
}

// A positive 64-bit integer to the nearest float: what is cut off leaves a bit behind.
fn f32_of_u64(a: vec2<u32>) -> f32 {
  if (a.y == 0u) {
    return f32(a.x);
  }
  let zeros = countLeadingZeros(a.y);
  let by = (32u - zeros) & 31u;
  // 32 leading bits; those below them matter only as being there.
  let top = select((a.y << zeros) | (a.x >> by), a.y, zeros == 0u);
  let rest = select(a.x << zeros, a.x, zeros == 0u);
  return f32(top | u32(rest != 0u)) * exp2i(32 - i32(zeros));
}

fn f32_of_i64(a: vec2<u32>) -> f32 {
  let size = f32_of_u64(i64_abs(a));
  return select(size, -size, a.y >= 0x80000000u);
}

// Truncates and saturates; NaN becomes 0.
fn i64_of_f32(x: f32) -> vec2<u32> {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  if (bits < 0x3f800000u || bits > 0x7f800000u) {
    return vec2<u32>();
  }
  let negative = bitcast<u32>(x) >= 0x80000000u;
  let e = (bits >> 23u) - 127u;
  if (e >= 63u) {
    return select(vec2<u32>(0xffffffffu, 0x7fffffffu), vec2<u32>(0u, 0x80000000u), negative);
  }
  let m = (bits & 0x007fffffu) | 0x00800000u;
  var size = vec2<u32>(m >> (23u - min(e, 23u)), 0u);
  if (e > 23u) {
    let by = e - 23u;
    let over = select(m >> ((32u - by) & 31u), m << ((by - 32u) & 31u), by >= 32u);
    size = vec2<u32>(select(m << (by & 31u), 0u, by >= 32u), over);
  }
  return select(size, i64_neg(size), negative);
}
