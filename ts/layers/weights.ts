import { get as getConstraint } from '../constraints/index.ts';
import { badArgument, FoveaError, shown } from '../errors.ts';
import { get as getInitializer } from '../initializers/index.ts';
import { toTensor } from '../ops/apply.ts';
import type { SeedGenerator } from '../random/index.ts';
import { get as getRegularizer, type RegularizerFunction } from '../regularizers/index.ts';
import { type Tensor, Variable } from '../tensor.ts';
import type { Layer } from './layer.ts';
import type { WeightOptions, WeightValue } from './options.ts';
import { fieldsOf } from './tracking.ts';

const penalties = new WeakMap<Variable, RegularizerFunction>();

/** The penalties on weights that have one. */
export const penaltiesOn = (weights: readonly Variable[]): Tensor[] =>
  weights.flatMap((weight) => penalties.get(weight)?.(weight) ?? []);

/** A layer's own weights and random generators, and in which order they stand with those of its sublayers. */
export class LayerWeights {
  readonly #layer: Layer;
  readonly #made: Variable[] = [];
  /** The own weights that training changes when the layer is trainable. */
  readonly #learned = new Set<Variable>();
  readonly #seeds: SeedGenerator[] = [];

  constructor(layer: Layer) {
    this.#layer = layer;
  }

  /** Makes a weight. */
  add(options: WeightOptions): Variable {
    const layer = this.#layer;
    const {
      name,
      shape,
      initializer,
      regularizer,
      constraint,
      trainable = true,
      dtype = layer.variableDtype,
      autocast,
    } = options;
    const axis = shape.findIndex((side) => typeof side !== 'number');
    if (axis >= 0) {
      throw new FoveaError(
        'NOT_BUILT',
        `${layer}: axis ${axis} of weight "${name}" is unknown: its shape would be [${shape.map(String).join(', ')}]. ` +
          'Give the input a shape whose sides this layer needs are known.',
        layer.name,
      );
    }
    const make = getInitializer(initializer ?? 'glorotUniform', `${layer}: ${name}`);
    const variable = new Variable({ initial: () => make(shape as number[], { dtype }), name, dtype, autocast });
    if (trainable) this.#learned.add(variable);
    variable.trainable = trainable && layer.trainable;
    variable.path = `${layer.name}/${name}`;
    const penalty = getRegularizer(regularizer, `${layer}: ${name}`);
    if (penalty !== null) penalties.set(variable, penalty);
    variable.constraint = getConstraint(constraint, `${layer}: ${name}`);
    this.#made.push(variable);
    return variable;
  }

  /** Takes variables that were made elsewhere. */
  adopt(variables: readonly Variable[]): void {
    this.#made.push(...variables);
  }

  /** Takes a generator. */
  addSeeds(generator: SeedGenerator): SeedGenerator {
    this.#seeds.push(generator);
    return generator;
  }

  get #own(): Variable[] {
    return [...new Set([...this.#made, ...fieldsOf(this.#layer).variables])];
  }

  /** Says whether training may change the own weights, of those that it ever could. */
  train(value: boolean): void {
    for (const weight of this.#own) if (weight.trainable) this.#learned.add(weight);
    for (const weight of this.#learned) weight.trainable = value;
  }

  /** Every weight: the own trainable ones, the own others, then those of the sublayers. */
  get all(): Variable[] {
    const own = this.#own;
    const learned = (weight: Variable) => weight.trainable || this.#learned.has(weight);
    const ordered = [...own.filter(learned), ...own.filter((weight) => !learned(weight))];
    return [...new Set([...ordered, ...this.#layer.sublayers.flatMap((layer) => layer.weights)])];
  }

  /** The weights, and the state of random generators. */
  get variables(): Variable[] {
    const { weights, sublayers } = this.#layer;
    const inner = sublayers.flatMap((layer) => layer.variables);
    return [...new Set([...weights, ...this.#seeds.map((seed) => seed.state), ...inner])];
  }

  /** The weights that training changes, as every layer inside says of its own. */
  get trainable(): Variable[] {
    const { weights, sublayers } = this.#layer;
    const inner = new Set(sublayers.flatMap((layer) => layer.weights));
    const own = weights.filter((weight) => weight.trainable && !inner.has(weight));
    return [...new Set([...own, ...sublayers.flatMap((layer) => layer.trainableVariables)])];
  }

  /** Replaces all weights, or none if the number or a shape differs. */
  assign(values: readonly WeightValue[]): void {
    const layer = this.#layer;
    const { weights } = layer;
    if (!Array.isArray(values))
      throw badArgument(String(layer), `setWeights takes an array of tensors; received ${shown(values)}.`);
    const given = values.map((value) => toTensor(value, String(layer)));
    const fault =
      given.length !== weights.length
        ? `has ${weights.length} weights; received ${given.length}`
        : weights.flatMap((weight, index) => {
            const { shape } = given[index]!;
            if (String(shape) === String(weight.shape) && shape.length === weight.rank) return [];
            return [`weight "${weight.path}" has shape [${weight.shape}]; received [${shape}]`];
          })[0];
    if (fault !== undefined) throw new FoveaError('SHAPE_MISMATCH', `${layer}: ${fault}.`, layer.name);
    for (const [index, weight] of weights.entries()) weight.assign(given[index]!);
  }
}
