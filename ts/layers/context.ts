import type { Layer } from './layer.ts';

/** One layer's call that runs now. */
interface Frame {
  readonly layer: Layer;
  readonly training: boolean;
  readonly outer: Frame | null;
}

let current: Frame | null = null;

/** The layer whose `call` runs now, `null` outside. */
export function currentLayer(): Layer | null {
  return current?.layer ?? null;
}

/** Whether the layer call that runs now is one of training; `undefined` outside. */
export function currentTraining(): boolean | undefined {
  return current?.training;
}

/** Whether no layer call runs now but one that was made on its own, outside of models and other layers. */
export function calledAlone(): boolean {
  return (current?.outer ?? null) === null;
}

/** Runs the call of a layer: what is called inside inherits its `training`. */
export function withinCall<T>(layer: Layer, training: boolean, fn: () => T): T {
  const outer = current;
  current = { layer, training, outer };
  try {
    return fn();
  } finally {
    current = outer;
  }
}
