/** Whether two types are one. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only if the types are one: `same<typeof y, Tensor>(true)`. */
export const same = <A, B>(_: Equal<A, B>): void => {};
