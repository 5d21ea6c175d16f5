import { badArgument, shown } from '../../errors.ts';
import { apply } from '../../ops/apply.ts';
import { SeedGenerator } from '../../random/index.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { converted } from '../converted.ts';
import { Layer } from '../layer.ts';
import type { LayerOptions } from '../options.ts';

/** Options of layers that draw random numbers. */
export interface SeededOptions extends LayerOptions {
  /** Same seed, same numbers; `setSeed` decides if left out. */
  seed?: number | null | undefined;
}

/** What layers share that do something random in training, and nothing else. */
export abstract class SeededLayer extends Layer {
  readonly seed: number | null;
  /** Where the random numbers come from. */
  readonly seedGenerator: SeedGenerator;

  constructor(options: SeededOptions) {
    super(options);
    this.seed = options.seed ?? null;
    this.seedGenerator = this.addSeedGenerator(new SeedGenerator(options.seed ?? undefined));
    this.supportsMasking = true;
    this.built = true;
  }

  /** `scale` with probability `keep`, else 0: of a shape whose sides are the input's where it has `null`. */
  protected chosen(x: Tensor, keep: number, scale: number, noiseShape: Shape | null): Tensor {
    const key = this.seedGenerator.next();
    const shape = noiseShape?.map((side, axis) => side ?? x.shape[axis] ?? null);
    // Sides are unknown only while a model is built, when types count and nothing else: the input's shape will do.
    const drawn =
      shape === undefined || shape.includes(null)
        ? apply('randomBernoulli', { shape: [], p: keep, scale }, [key, x])
        : apply('randomBernoulli', { shape: shape as number[], p: keep, scale }, [key]);
    return converted(drawn[0]!, x.dtype);
  }

  override getConfig(): object {
    return { ...super.getConfig(), seed: this.seed };
  }
}

/** Throws unless a noise shape is a list of positive whole numbers and `null`. */
export function noiseShapeOf(where: string, given: unknown): Shape | null {
  if (given === undefined || given === null) return null;
  const isSide = (side: unknown) => side === null || (Number.isInteger(side) && (side as number) > 0);
  if (Array.isArray(given) && given.every(isSide)) return [...given];
  throw badArgument(where, `noiseShape must be a list of positive whole numbers or null; received ${shown(given)}.`);
}
