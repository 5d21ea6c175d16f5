import { inspect } from 'node:util';

/** The method that runs when the instance is called. */
export const invoke: unique symbol = Symbol('invoke');

/**
 * An instance that can be called like a function. Its constructor returns a function with the prototype
 * of the class, so fields and private names of derived classes land on that function; this class itself
 * has none, since they would be lost.
 */
export abstract class Callable {
  constructor() {
    const self = (...args: unknown[]) => (self as unknown as Callable)[invoke](...args);
    // A function's own `name` and `length` would hide what the class calls so.
    Reflect.deleteProperty(self, 'name');
    Reflect.deleteProperty(self, 'length');
    // biome-ignore lint/correctness/noConstructorReturn: this is how an instance becomes callable
    return Object.setPrototypeOf(self, new.target.prototype) as Callable;
  }

  /** What a call of the instance does. */
  abstract [invoke](...args: unknown[]): unknown;

  /** What `console.log` shows. */
  [inspect.custom](): string {
    return String(this);
  }
}
