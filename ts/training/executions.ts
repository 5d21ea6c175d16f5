import type { Compiled } from './compiled.ts';

/**
 * How the steps of an epoch are grouped: the hooks of batches are called around each execution of so many. The last one
 * of an epoch is shorter where the steps end within it.
 */
export class Executions {
  readonly #size: number;

  /** @param compiled `null` before `compile`: each step is an execution of its own */
  constructor(compiled: Compiled | null) {
    this.#size = compiled?.stepsPerExecution ?? 1;
  }

  /** Whether an execution begins with this step. */
  beginsWith(step: number): boolean {
    return step % this.#size === 0;
  }

  /** Whether an execution is complete after so many steps. */
  completeAfter(steps: number): boolean {
    return steps % this.#size === 0;
  }

  /** The number of the last step of the execution that a step is in; as in Keras also where the steps end before it. */
  lastOf(step: number): number {
    return step - (step % this.#size) + this.#size - 1;
  }
}
