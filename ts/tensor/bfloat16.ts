/** Bfloat16 is the upper half of float32; JavaScript has no array of it, so its elements lie in a Uint16Array. */

/** The bfloat16 next to each number, of two equally near the even one; NaN stays NaN. */
export function roundToBfloat16(numbers: Float32Array): Uint16Array {
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  // A carry would make an infinity of some NaN, or a zero.
  return Uint16Array.from(bits, (b, i) =>
    Number.isNaN(numbers[i]) ? (b >>> 16) | 0x40 : (b + 0x7fff + ((b >>> 16) & 1)) >>> 16,
  );
}

/** The numbers that bfloat16 elements are. */
export function fromBfloat16(elements: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(elements, (e) => e << 16).buffer);
}
