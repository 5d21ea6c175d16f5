import type { Logs } from '../callbacks/callback.ts';
import { mapNest } from '../layers/nest.ts';
import { aborted, type NativeBuffer, native } from '../native.ts';
import { fromBuffer } from '../tensor/from.ts';
import { whileWritten } from '../trace.ts';
import { runEagerly } from './eager.ts';
import { Executions } from './executions.ts';
import type { Feed, OpenOptions } from './feed.ts';
import { toLogs } from './logs.ts';
import { predictOnce } from './once.ts';
import type { Evaluation } from './state.ts';
import { type Kind, type Step, stepFailure } from './traced.ts';
import type { Trainer } from './trainer.ts';

/** How an epoch runs. */
export interface EpochOptions extends OpenOptions {
  /** What runs, for messages: `fit`. */
  readonly where: string;
  readonly kind: Kind;
  readonly feed: Feed;
  readonly evaluation?: Evaluation | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Hears now and then how many steps are done. */
  readonly progress?: ((steps: number, logs: Logs) => void) | undefined;
  /** Awaited before each execution, with its first step. */
  readonly begin?: ((step: number) => Promise<void>) | undefined;
  /** Awaited after each execution, with its last step. */
  readonly end?: ((step: number, logs: Logs) => Promise<void>) | undefined;
}

/** What an epoch gave. */
export interface EpochOutcome {
  readonly steps: number;
  readonly logs: Logs;
  /** Of a prediction: the outputs of all steps. */
  readonly outputs: unknown;
}

/** Runs one epoch natively. Ends after the current step when the model's `stopTraining` is set. */
export async function runEpoch(model: Trainer, options: EpochOptions): Promise<EpochOutcome> {
  const { where, kind, feed, evaluation, signal, begin, end } = options;
  if (signal?.aborted) throw aborted(signal, where);
  const executions = new Executions(model.training.compiled);
  if (model.training.compiled?.runEagerly) return runEagerly(model, executions, options);
  const unheard = begin === undefined && end === undefined && signal === undefined;
  const only = kind === 'predict' && unheard && options.steps === null ? feed.whole() : null;
  if (only !== null) return predictOnce(model, options, only);
  const opened = await feed.open((like) => model.training.step(kind, like, evaluation), options);
  const { logs: types } = opened.step;
  const handle = new (native().NativeAbort)();
  const stop = () => {
    handle.abort();
    opened.close();
  };
  let failure: { error: unknown } | undefined;
  let last: { steps: number; logs: Logs } = { steps: 0, logs: toLogs(types, []) };
  const functions = opened.steps.map(({ fn }) => fn);
  const ready = () => Promise.all(functions.map((fn) => fn.ready()));
  const hook = (work: () => Promise<void>): Promise<boolean> =>
    work()
      .then(ready)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .then(() => failure !== undefined || (kind === 'train' && model.stopTraining));
  const checkHooks = () => {
    if (failure !== undefined) throw failure.error;
  };
  let dry = false;
  const beginning = async (step: number, call: (step: number) => Promise<void>): Promise<boolean> => {
    if (!executions.beginsWith(step)) return false;
    if (!opened.comes || (await opened.comes(step))) return hook(() => call(step));
    dry = true;
    return true;
  };
  const ending = async (step: number, logs: Logs): Promise<boolean> =>
    end !== undefined && hook(() => end(executions.lastOf(step), logs));
  signal?.addEventListener('abort', stop, { once: true });
  const halts = kind === 'train' && end === undefined;
  const heard = halts || options.progress !== undefined;
  if (halts) model.training.stop = stop;
  try {
    const result = await whileWritten(functions, async () => {
      if (signal?.aborted) throw aborted(signal, where);
      return native().runEpoch({
        source: opened.source,
        steps: options.steps ?? feed.steps ?? 0,
        collect: kind === 'predict',
        abort: handle,
        ...(heard && {
          onProgress: (step: number, values: Float64Array) => {
            last = { steps: step + 1, logs: toLogs(types, values) };
            options.progress?.(last.steps, last.logs);
          },
        }),
        ...(begin && { onBegin: (step: number) => beginning(step, begin) }),
        ...(end && {
          onStep: async (step: number, values: Float64Array) =>
            executions.completeAfter(step + 1) && ending(step, toLogs(types, values)),
        }),
      });
    });
    opened.close();
    checkHooks();
    // A generator that is still making a batch nobody wants is not waited for.
    if (!result.stopped || dry) await opened.done;
    const { steps } = result;
    const logs = toLogs(types, result.logs);
    if (!executions.completeAfter(steps)) {
      await ending(steps - 1, logs);
      checkHooks();
      if (signal?.aborted) throw aborted(signal, where);
    }
    const outputs = kind === 'predict' ? collected(opened.step, result.collected ?? []) : null;
    return { steps, logs, outputs };
  } catch (error) {
    opened.close();
    if (signal?.aborted) throw error instanceof Error && error.name === 'AbortError' ? error : aborted(signal, where);
    checkHooks();
    if (halts && model.stopTraining && /^ABORTED: /.test((error as Error).message)) return { ...last, outputs: null };
    throw stepFailure(model, opened.step.fn, error, where);
  } finally {
    model.training.stop = null;
    signal?.removeEventListener('abort', stop);
  }
}

/** The outputs of all steps, nested as the model's output is. */
function collected({ structure }: Step, buffers: readonly NativeBuffer[]): unknown {
  let next = 0;
  return mapNest(structure, () => fromBuffer(buffers[next++]!));
}
