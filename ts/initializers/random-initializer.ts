import { whole } from '../errors.ts';
import { type Seed, SeedGenerator } from '../random/index.ts';
import { Initializer, type InitializerCallOptions } from './initializer.ts';

/** Options that every random initializer knows. */
export interface SeedOptions {
  /** A number makes every call give the same numbers; a `SeedGenerator`, or none, lets each draw anew. */
  seed?: Seed | null | undefined;
}

/** An initializer that draws numbers. */
export abstract class RandomInitializer extends Initializer {
  /** The seed, `null` for none. */
  readonly seed: Seed | null;

  constructor(where: string, seed: Seed | null | undefined) {
    super();
    const given = seed === null || seed === undefined || seed instanceof SeedGenerator;
    this.seed = given ? (seed ?? null) : whole(where, 'seed', seed, 0, 2 ** 32 - 1);
  }

  override getConfig(): SeedOptions {
    return { seed: this.seed };
  }

  /** The seed as options of the functions of `random`. */
  protected drawOptions({ dtype }: InitializerCallOptions = {}): { seed?: Seed; dtype?: 'float32' } {
    return { ...(this.seed === null ? {} : { seed: this.seed }), ...(dtype === 'float32' ? { dtype } : {}) };
  }
}
