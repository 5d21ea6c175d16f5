/** Two words that seed what is random in a pipeline. */
export type Key = readonly [number, number];

/** Mixes numbers into 32 bits: those that differ in one bit give unrelated words. */
export function mixed(...numbers: readonly number[]): number {
  let h = 0x9e3779b9;
  for (const number of numbers) {
    for (const word of [number | 0, Math.floor(number / 2 ** 32) | 0]) {
      h = Math.imul(h ^ word, 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
      h ^= h >>> 16;
    }
  }
  return h >>> 0;
}

/** Random words that follow from a key and a number (Sfc32). */
export function words(key: Key, number: number): () => number {
  let [a, b, c, counter] = [key[0] | 0, key[1] | 0, mixed(number, key[0], key[1]) | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** A whole number below `count`, all equally likely. */
export function below(next: () => number, count: number): number {
  const most = 2 ** 32 - (2 ** 32 % count);
  let word = next();
  while (word >= most) word = next();
  return word % count;
}
