import { FoveaError } from '../errors.ts';
import type { Layer } from '../layers/index.ts';
import { mapNest } from '../layers/nest.ts';
import { currentDevice } from '../tensor/device.ts';
import { currentPrecision } from '../tensor/precision.ts';
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
  /** Which weights the steps train that are traced already. */
  #trained: { readonly flags: string; readonly restore: () => void } | null = null;
  #warned = false;
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
    this.#trained = null;
    this.#warned = false;
    this.#steps.clear();
    this.#idle.length = 0;
  }

  /** The model has other layers now: steps are to be traced anew. */
  forget(): void {
    this.#steps.clear();
  }

  /** The step for batches like one: traced once for each shape and dtype, and unless it predicts, set of weights that train. */
  step(kind: Kind, like: Batch, evaluation?: Evaluation): Promise<Step> {
    const types = JSON.stringify(mapNest(like, ({ type }) => type));
    const version = this.compiled?.optimizer.version;
    const device = this.compiled?.device ?? currentDevice();
    // A prediction trains nothing, and is often over before all layers could be asked.
    const trained = kind === 'predict' ? '' : trainables(this.#model);
    const key = [kind, evaluation?.id, device, currentPrecision(), version, types, trained].join(' ');
    const known = this.#steps.get(key);
    this.#steps.delete(key);
    const trace = () => traceStep(this.#model, kind, like, device, evaluation?.shadows);
    const step = known ?? (kind === 'train' ? this.#asCompiled(trace) : trace());
    this.#steps.set(key, step);
    step.catch(() => this.#steps.delete(key));
    if (this.#steps.size > most) this.#steps.delete(this.#steps.keys().next().value!);
    return step;
  }

  /**
   * Runs `trace` with those weights trainable that were when the first step after `compile` was traced. As in Keras, to
   * freeze layers later takes effect with the next `compile`; that is said once.
   */
  #asCompiled<T>(trace: () => T): T {
    const trained = this.#trained;
    if (trained === null || trained.flags === trainables(this.#model)) {
      const traced = trace();
      // Only now all weights are there.
      this.#trained ??= { flags: trainables(this.#model), restore: frozen(this.#model) };
      return traced;
    }
    const now = frozen(this.#model);
    trained.restore();
    try {
      return trace();
    } finally {
      now();
    }
  }

  /** Says that a change of `trainable` has no effect yet. */
  checkTrainable(): void {
    if (this.#trained === null || this.#warned || this.#trained.flags === trainables(this.#model)) return;
    this.#warned = true;
    console.warn(
      `${this.#model}: which layers are trainable has changed since compile. Call compile again for that to take effect.`,
    );
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

/** A model and all layers in it, outer ones first. */
function layersIn(model: Layer): Layer[] {
  const seen = new Set<Layer>();
  const visit = (layer: Layer): void => {
    if (seen.has(layer)) return;
    seen.add(layer);
    for (const inner of layer.sublayers) visit(inner);
  };
  visit(model);
  return [...seen];
}

/** Which weights training changes, and which layers are frozen. */
function trainables(model: Layer): string {
  const flags = layersIn(model).map((layer) => (layer.trainable ? '1' : '0'));
  return [...flags, ...model.weights.map((weight) => (weight.trainable ? '+' : '-'))].join('');
}

/** What brings back which layers and weights are trainable now. */
function frozen(model: Layer): () => void {
  const parts = [...layersIn(model), ...model.weights].map((part) => [part, part.trainable] as const);
  return () => {
    for (const [part, trainable] of parts) part.trainable = trainable;
  };
}
