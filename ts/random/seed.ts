import { whole } from '../errors.ts';
import { readOptions } from '../options.ts';
import { currentTrace } from '../tensor/context.ts';
import { tensor } from '../tensor/from.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Variable } from '../tensor/variable.ts';

let base: bigint | undefined;
let generators = 0;
let draws = 0;
let traced: SeedGenerator | undefined;

const mask = (1n << 64n) - 1n;

/** SplitMix64's finaliser: two numbers that differ in one bit give unrelated keys. */
function mix(z: bigint): bigint {
  let x = z & mask;
  x = ((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  x = ((x ^ (x >> 27n)) * 0x94d049bb133111ebn) & mask;
  return x ^ (x >> 31n);
}

/** The key that a seed and the number of a generator or of a draw make. */
function keyOf(seed: bigint, number: number): [number, number] {
  const key = mix(mix(seed) + 0x9e3779b97f4a7c15n * BigInt(number + 1));
  return [Number(key & 0xffffffffn), Number(key >> 32n)];
}

function root(): bigint {
  base ??= crypto.getRandomValues(new BigUint64Array(1))[0]!;
  return base;
}

/** Everything random that is made from now on derives from `seed`: same seed, same bits. */
export function setSeed(seed: number): void {
  base = BigInt(whole('setSeed', 'seed', seed, 0, Number.MAX_SAFE_INTEGER));
  generators = 0;
  draws = 0;
  traced = undefined;
}

/** Two words for whoever draws outside tensors, as a shuffled epoch does. */
export function nextKey(): [number, number] {
  // Draws count down from the largest number, generators up from 0: they never meet.
  return keyOf(root(), 2 ** 52 - draws++);
}

/** Where keys come from while a function runs for one element among many. */
let given: { readonly key: Tensor; draws: number } | null = null;

/** Runs `fn` so that all that is random in it follows from a key, whatever was drawn before. */
export function withKey<T>(key: Tensor, fn: () => T): T {
  const outer = given;
  given = { key, draws: 0 };
  try {
    return fn();
  } finally {
    given = outer;
  }
}

/** The next key that follows from the given one. */
const following = (from: { readonly key: Tensor; draws: number }): Tensor =>
  from.key.add(tensor(Uint32Array.of(from.draws++, 0)));

/** Options of {@link SeedGenerator}. */
export interface SeedGeneratorOptions {
  /** The same number gives the same keys; without it they derive from `setSeed`. */
  seed?: number | null | undefined;
}

/**
 * Gives a new random key each time, also each time a compiled function runs.
 *
 * @see https://keras.io/api/random/seed_generator/
 */
export class SeedGenerator {
  /** The next key: uint32 [2]. */
  readonly state: Variable;

  /** Without a seed it derives from `setSeed` and from how many were made before. */
  constructor(seed?: number | null | SeedGeneratorOptions) {
    const read = readOptions<SeedGeneratorOptions>('SeedGenerator', ['seed'], [seed]);
    const own = read.seed ?? null;
    const key =
      own === null
        ? keyOf(root(), generators++)
        : keyOf(BigInt(whole('SeedGenerator', 'seed', own, 0, Number.MAX_SAFE_INTEGER)), 0);
    const initial = () => tensor(Uint32Array.from(key));
    this.state = new Variable({ initial, name: 'seedGeneratorState', trainable: false });
  }

  /** A key that was not given before; advances the state. */
  next(): Tensor {
    if (given) return this.state.value.add(following(given));
    const key = this.state.value;
    this.state.assign(key.add(tensor(Uint32Array.of(0, 1))));
    return key;
  }
}

/** What random functions take as `seed`. */
export type Seed = number | SeedGenerator;

/** A key for one draw: always the same for a number, else a new one each time. */
export function drawKey(where: string, seed: Seed | null | undefined): Tensor {
  if (seed instanceof SeedGenerator) return seed.next();
  if (seed !== undefined && seed !== null)
    return tensor(Uint32Array.from(keyOf(BigInt(whole(where, 'seed', seed, 0, Number.MAX_SAFE_INTEGER)), 0)));
  if (given) return following(given);
  if (!currentTrace()) return tensor(Uint32Array.from(nextKey()));
  traced ??= new SeedGenerator();
  return traced.next();
}
