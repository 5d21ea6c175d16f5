import { badArgument, nearest, shown } from '../errors.ts';
import type { Trainer } from '../training/trainer.ts';
import { Callback, type CallbackLike, type HookName, type Hooks, hookNames, type Params } from './callback.ts';

type AnyHook = (...args: unknown[]) => unknown;

/** Throws unless a value can be a callback. */
function checked(where: string, value: unknown): Hooks & { model?: Trainer; params?: Params } {
  if (typeof value === 'function' && value.prototype instanceof Callback)
    throw badArgument(where, `${value.name} is a class; an instance is needed: new ${value.name}(…).`);
  if (typeof value !== 'object' || value === null)
    throw badArgument(where, `callbacks must be objects with hooks such as onEpochEnd; received ${shown(value)}.`);
  if (value instanceof Callback) return value;
  for (const [name, part] of Object.entries(value)) {
    if (typeof part !== 'function' || (hookNames as readonly string[]).includes(name)) continue;
    const meant = /^on/i.test(name) ? nearest(name, hookNames) : undefined;
    if (meant !== undefined) throw badArgument(where, `no hook is called '${name}'. Did you mean '${meant}'?`);
  }
  return value as Hooks;
}

/** The callbacks of a run. */
export class CallbackList {
  readonly callbacks: readonly Hooks[];

  constructor(where: string, given: CallbackLike | readonly CallbackLike[] | undefined, own: readonly Callback[]) {
    const list = given === undefined ? [] : Array.isArray(given) ? given : [given];
    this.callbacks = [...list.map((callback) => checked(where, callback)), ...own];
  }

  /** Tells them which model runs, and how. */
  begin(model: Trainer, params: Params): void {
    for (const callback of this.callbacks) Object.assign(callback, { model, params });
  }

  /** Whether any of them has one of these hooks. */
  has(...names: HookName[]): boolean {
    return this.callbacks.some((callback) => names.some((name) => typeof callback[name] === 'function'));
  }

  /** Calls a hook of all, one after the other. */
  async call<N extends HookName>(name: N, ...args: Parameters<NonNullable<Hooks[N]>>): Promise<void> {
    for (const callback of this.callbacks) await (callback[name] as AnyHook | undefined)?.apply(callback, args);
  }
}
