import { unknownOption } from '../errors.ts';
import { Callback, type Hooks, hookNames } from './callback.ts';

/** Hooks as a callback. */
export class LambdaCallback extends Callback {
  constructor(hooks: Hooks & ThisType<Callback>) {
    super();
    unknownOption('LambdaCallback', hooks, hookNames);
    Object.assign(this, hooks);
  }
}
