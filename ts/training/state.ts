import { FoveaError } from '../errors.ts';
import type { Layer } from '../layers/index.ts';
import { mapNest } from '../layers/nest.ts';
import { type Tensor, Variable, zeros } from '../tensor.ts';
import type { Batch } from './batch.ts';
import type { Compiled } from './compiled.ts';
import { type Kind, rehearse, type Shadows, type Step, traceStep } from './traced.ts';
import type { Trainer } from './trainer.ts';

/** How many compiled steps a model keeps; the native cache behind them is bounded by its bytes. */
const most = 64;

/** Where one evaluation at a time keeps its metrics. */
export interface Evaluation {
  readonly id: number;
  shadows: Shadows | undefined;
}

/** What a model knows about its training. */
export class TrainingState {
  compiled: Compiled | null = null;
  /** The loss of the step that is being traced. */
  guard: Tensor | null = null;
  /** Ends a native epoch after the step that runs. */
  stop: (() => void) | null = null;
  readonly #model: Trainer;
  readonly #steps = new Map<string, Promise<Step>>();
  readonly #idle: Evaluation[] = [];
  #evaluations = 0;
  #busy: string | null = null;

  constructor(model: Trainer) {
    this.#model = model;
  }

  /** Throws `NOT_COMPILED` before `compile`. */
  require(where: string): Compiled {
    if (this.compiled !== null) return this.compiled;
    throw new FoveaError(
      'NOT_COMPILED',
      `${where}: ${this.#model} is not compiled yet: call model.compile({ optimizer: 'adam', loss: … }) first.`,
      this.#model.name,
    );
  }

  /** Throws `BUSY` while the model trains. */
  checkIdle(what: string): void {
    if (this.#busy === null) return;
    throw new FoveaError(
      'BUSY',
      `${what}: ${this.#model} is in the middle of ${this.#busy}. Await that first; predict, evaluate and getWeights work meanwhile.`,
      this.#model.name,
    );
  }

  /** Notes that the model trains. */
  enter(what: string): void {
    this.checkIdle(what);
    this.#busy = what;
  }

  leave(): void {
    this.#busy = null;
  }

  /** A new `compile`: steps are to be traced anew. */
  reset(compiled: Compiled): void {
    this.compiled = compiled;
    this.#steps.clear();
    this.#idle.length = 0;
  }

  /** The step for batches like one: traced once for each shape, dtype, and set of weights that train. */
  step(kind: Kind, like: Batch, evaluation?: Evaluation): Promise<Step> {
    const types = JSON.stringify(mapNest(like, ({ type }) => type));
    const key = [kind, evaluation?.id, types, trainables(this.#model)].join(' ');
    const known = this.#steps.get(key);
    this.#steps.delete(key);
    const step = known ?? traceStep(this.#model, kind, like, evaluation?.shadows);
    this.#steps.set(key, step);
    step.catch(() => this.#steps.delete(key));
    if (this.#steps.size > most) this.#steps.delete(this.#steps.keys().next().value!);
    return step;
  }

  /** Room for the metrics of an evaluation; give it back with `release`. */
  borrow(): Evaluation {
    return this.#idle.pop() ?? { id: this.#evaluations++, shadows: undefined };
  }

  release(evaluation: Evaluation): void {
    this.#idle.push(evaluation);
  }

  /** Sets an evaluation's metrics to 0; makes the shadows where metrics have come since. */
  begin(evaluation: Evaluation, like: Batch): void {
    const metrics = () => [...this.#model.metricsByName.values()].flatMap((metric) => metric.variables);
    const known = evaluation.shadows;
    if (known === undefined || metrics().some((variable) => !known.has(variable))) {
      rehearse(this.#model, like);
      evaluation.shadows = new Map(metrics().map((variable) => [variable, shadowOf(variable)]));
      for (const key of this.#steps.keys()) if (key.startsWith(`test ${evaluation.id} `)) this.#steps.delete(key);
    }
    for (const shadow of evaluation.shadows!.values()) shadow.assign(0);
  }
}

function shadowOf(variable: Variable): Variable {
  const initial = () => zeros(variable.shape, { dtype: variable.dtype });
  return new Variable({ initial, name: variable.name, trainable: false });
}

/** Which weights training changes, and which layers are frozen. */
function trainables(model: Layer): string {
  const seen = new Set<Layer>();
  const flags: string[] = [];
  const visit = (layer: Layer): void => {
    if (seen.has(layer)) return;
    seen.add(layer);
    flags.push(layer.trainable ? '1' : '0');
    for (const inner of layer.sublayers) visit(inner);
  };
  visit(model);
  return [...flags, ...model.weights.map((weight) => (weight.trainable ? '+' : '-'))].join('');
}
