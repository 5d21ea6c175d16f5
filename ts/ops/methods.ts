import * as activations from './activations.ts';
import * as arrays from './arrays.ts';
import * as combine from './combine.ts';
import * as compare from './compare.ts';
import * as compositions from './compositions.ts';
import * as elementwise from './elementwise.ts';
import * as indexing from './indexing.ts';
import * as nn from './nn.ts';
import * as padding from './pad.ts';
import * as products from './products.ts';
import * as reduce from './reduce.ts';
import * as shape from './shape.ts';
import * as slicing from './slicing.ts';
import * as sorting from './sorting.ts';

// Those whose first argument is no tensor, or not the one that is looked at.
const { concat, concatenate, stack, ...joined } = combine;
const { select, ...composed } = compositions;
const { scatter, ...indexed } = indexing;

/** The ops that are methods of tensors too: their first argument is the tensor. */
export const methods = {
  ...elementwise,
  ...reduce,
  ...shape,
  ...slicing,
  ...nn,
  ...padding,
  ...compare,
  ...joined,
  ...arrays,
  ...composed,
  ...indexed,
  ...products,
  ...sorting,
  ...activations,
};

// biome-ignore lint/suspicious/noExplicitAny: any first parameter is dropped
type Method<F> = F extends (x: any, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;

/** The methods that tensors have. */
export type TensorMethods = { [Name in keyof typeof methods]: Method<(typeof methods)[Name]> };
