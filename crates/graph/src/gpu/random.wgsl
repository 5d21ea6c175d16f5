// Philox 4x32-10, word for word the CPU's.

// The four words of elements 4 * block to 4 * block + 3.
fn philox(key: vec2<u32>, block: u32) -> vec4<u32> {
  var k = key;
  var c = vec4<u32>(block, 0u, 0u, 0u);
  for (var round = 0; round < 10; round++) {
    let high = vec2<u32>(multiply_high(0xd2511f53u, c.x), multiply_high(0xcd9e8d57u, c.z));
    let low = vec2<u32>(0xd2511f53u * c.x, 0xcd9e8d57u * c.z);
    c = vec4<u32>(high.y ^ c.y ^ k.x, low.y, high.x ^ c.w ^ k.y, low.x);
    k = k + vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

// A word as a float in [0, 1), from its upper 24 bits.
fn unit(word: u32) -> f32 {
  return f32(word >> 8u) * 5.9604645e-8f;
}

// Two words as two normal numbers, after Box and Muller.
fn normal_pair(words: vec2<u32>) -> vec2<f32> {
  let u = f32((words.x >> 8u) + 1u) * 5.9604645e-8f;
  let v = unit(words.y);
  let r = sqrt_f32(-2.0f * log_f32(u));
  return vec2<f32>(r * sin_turns(v, 1u), r * sin_turns(v, 0u));
}

// A word as a normal number within two deviations: the inverse of the distribution function.
fn truncated_normal(word: u32) -> f32 {
  let odd = bitcast<i32>((word >> 9u) * 2u + 1u) - 8388608;
  let s = f32(odd) * 1.1920929e-7f;
  return clamp(1.4142135f * erfinv_f32(s * 0.9544997f), -2.0f, 2.0f);
}
