import { badArgument, finite, flag, shown } from '../errors.ts';
import { add, div, matmul, mul, norm, pow, sqrt, square, sub, transpose } from '../ops/index.ts';
import { numberWithin, optional, positiveInteger, readOptions } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { follow } from './moments.ts';
import { Optimizer } from './optimizer.ts';
import { type OptimizerOptions, optimizerOptions, type ScheduleBeside } from './options.ts';

/** Options of {@link Muon}. */
export interface MuonOptions extends OptimizerOptions {
  /** Of variables that Adam changes: how much of the mean of gradients stays, 0.9 if left out. */
  adamBeta1?: number | undefined;
  /** Of variables that Adam changes: how much of the mean of squares stays, 0.999 if left out. */
  adamBeta2?: number | undefined;
  /** The weight decay of variables that Adam changes, 0.004 if left out. */
  adamWeightDecay?: number | null | undefined;
  /** Keeps Adam's divisor away from 0, 1e-7 if left out. */
  epsilon?: number | undefined;
  /** Regular expressions: matrices whose path has a match are left to Adam. */
  excludeLayers?: readonly string[] | null | undefined;
  /** Whether matrices with `embedding` in their path are left to Adam; `true` if left out. */
  excludeEmbeddings?: boolean | undefined;
  /** The first factor of an iteration of Newton and Schulz, 3.4445 if left out. */
  muonA?: number | undefined;
  /** The second factor, −4.775 if left out. */
  muonB?: number | undefined;
  /** The third factor, 2.0315 if left out. */
  muonC?: number | undefined;
  /** Adam's learning rate for each of Muon's, 1 if left out. */
  adamLrRatio?: number | undefined;
  /** How much of the sum of gradients stays, 0.95 if left out. */
  momentum?: number | undefined;
  /** Iterations, 5 if left out. */
  nsSteps?: number | undefined;
  /** Looks ahead along the momentum; `true` if left out. */
  nesterov?: boolean | undefined;
  /** Steps are scaled by √(the longer side) times this, 0.2 if left out; `null` for none. */
  rmsRate?: number | null | undefined;
}

const names = [
  'learningRate',
  'adamBeta1',
  'adamBeta2',
  'adamWeightDecay',
  'epsilon',
  ...optimizerOptions,
  'excludeLayers',
  'excludeEmbeddings',
  'muonA',
  'muonB',
  'muonC',
  'adamLrRatio',
  'momentum',
  'nsSteps',
  'nesterov',
  'rmsRate',
] as const;

/**
 * Brings the step of each matrix close to an orthogonal one (Newton–Schulz); everything that is no matrix goes by Adam.
 * The learning rate is 0.001 and the weight decay 0.004 if left out.
 *
 * @see https://keras.io/api/optimizers/muon/
 */
export class Muon extends Optimizer {
  static readonly className: string = 'Muon';
  readonly adamBeta1: number;
  readonly adamBeta2: number;
  readonly adamWeightDecay: number | null;
  readonly epsilon: number;
  readonly excludeLayers: readonly string[];
  readonly excludeEmbeddings: boolean;
  readonly muonA: number;
  readonly muonB: number;
  readonly muonC: number;
  readonly adamLrRatio: number;
  readonly momentum: number;
  readonly nsSteps: number;
  readonly nesterov: boolean;
  readonly rmsRate: number | null;

  constructor(
    learningRate?: number | ScheduleBeside<MuonOptions> | MuonOptions,
    adamBeta1?: number | MuonOptions,
    adamBeta2?: number | MuonOptions,
    adamWeightDecay?: number | null | MuonOptions,
    epsilon?: number | MuonOptions,
    options?: MuonOptions,
  ) {
    const where = 'Muon';
    const given = [learningRate, adamBeta1, adamBeta2, adamWeightDecay, epsilon, options];
    const read = readOptions<MuonOptions>(where, names, given);
    super({ ...read, weightDecay: read.weightDecay === undefined ? 0.004 : read.weightDecay }, 0.001);
    this.adamBeta1 = numberWithin(where, 'adamBeta1', read.adamBeta1 ?? 0.9, 0, 1);
    this.adamBeta2 = numberWithin(where, 'adamBeta2', read.adamBeta2 ?? 0.999, 0, 1);
    const { adamWeightDecay: decay = 0.004, rmsRate: rms = 0.2, excludeLayers: layers } = read;
    this.adamWeightDecay = optional(numberWithin, where, 'adamWeightDecay', decay, 0, Infinity);
    this.epsilon = numberWithin(where, 'epsilon', read.epsilon ?? 1e-7, 0, Infinity);
    if (layers && !(Array.isArray(layers) && layers.every((layer) => typeof layer === 'string')))
      throw badArgument(where, `excludeLayers must be an array of strings; received ${shown(layers)}.`);
    this.excludeLayers = layers ?? [];
    this.excludeEmbeddings = flag(where, 'excludeEmbeddings', read.excludeEmbeddings ?? true);
    this.muonA = finite(where, 'muonA', read.muonA ?? 3.4445);
    this.muonB = finite(where, 'muonB', read.muonB ?? -4.775);
    this.muonC = finite(where, 'muonC', read.muonC ?? 2.0315);
    this.adamLrRatio = finite(where, 'adamLrRatio', read.adamLrRatio ?? 1);
    this.momentum = numberWithin(where, 'momentum', read.momentum ?? 0.95, 0, 1);
    this.nsSteps = positiveInteger(where, 'nsSteps', read.nsSteps ?? 5);
    this.nesterov = flag(where, 'nesterov', read.nesterov ?? true);
    this.rmsRate = optional(finite, where, 'rmsRate', rms);
  }

  /** Whether a variable is left to Adam. */
  #byAdam({ rank, path }: Variable): boolean {
    if (rank !== 2 || (this.excludeEmbeddings && path.toLowerCase().includes('embedding'))) return true;
    return this.excludeLayers.some((pattern) => new RegExp(pattern).test(path));
  }

  protected override buildSlots(variables: readonly Variable[]): void {
    for (const variable of variables) {
      this.addSlot(variable, 'momentum');
      if (this.#byAdam(variable)) this.addSlot(variable, 'velocity');
    }
  }

  protected override decayOf(variable: Variable): number | null {
    return this.#byAdam(variable) ? this.adamWeightDecay : this.weightDecay;
  }

  override updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void {
    if (this.#byAdam(variable)) this.#adam(gradient, variable, rate);
    else this.#orthogonal(gradient, variable, rate);
  }

  #orthogonal(gradient: Tensor, variable: Variable, rate: Tensor): void {
    const momentum = this.slot('momentum', variable);
    const next = add(momentum, add(gradient, mul(momentum, this.momentum - 1)));
    momentum.assign(next);
    const direction = this.nesterov ? add(gradient, mul(next, this.momentum)) : next;
    const step = mul(this.#zeropower(direction), rate);
    const scale = this.rmsRate === null ? 1 : Math.sqrt(Math.max(variable.dim(0), variable.dim(1))) * this.rmsRate;
    variable.assign(sub(variable, mul(step, scale)));
  }

  /** A matrix with the same singular vectors and singular values near 1. */
  #zeropower(direction: Tensor): Tensor {
    const tall = direction.dim(0) > direction.dim(1);
    let x = tall ? transpose(direction) : direction;
    x = div(x, add(norm(x), 1e-7));
    for (let i = 0; i < this.nsSteps; i++) {
      const a = matmul(x, transpose(x));
      const b = add(mul(a, this.muonB), matmul(mul(a, this.muonC), a));
      x = add(mul(x, this.muonA), matmul(b, x));
    }
    return tall ? transpose(x) : x;
  }

  #adam(gradient: Tensor, variable: Variable, rate: Tensor): void {
    const left = (beta: number) => sub(1, pow(beta, this.updateNumber()));
    const alpha = div(mul(mul(rate, this.adamLrRatio), sqrt(left(this.adamBeta2))), left(this.adamBeta1));
    const momentum = follow(this.slot('momentum', variable), gradient, 1 - this.adamBeta1);
    const velocity = follow(this.slot('velocity', variable), square(gradient), 1 - this.adamBeta2);
    variable.assign(sub(variable, div(mul(momentum, alpha), add(sqrt(velocity), this.epsilon))));
  }

  override getConfig(): object {
    const { adamBeta1, adamBeta2, epsilon, excludeLayers, muonA, muonB, muonC, adamLrRatio, momentum, nsSteps } = this;
    const { nesterov, excludeEmbeddings, adamWeightDecay, rmsRate } = this;
    return {
      ...super.getConfig(),
      adamBeta1,
      adamBeta2,
      epsilon,
      excludeLayers,
      muonA,
      muonB,
      muonC,
      adamLrRatio,
      momentum,
      nsSteps,
      nesterov,
      excludeEmbeddings,
      adamWeightDecay,
      rmsRate,
    };
  }
}
