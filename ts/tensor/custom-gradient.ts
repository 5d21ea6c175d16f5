import { badArgument, shown } from '../errors.ts';
import { applied } from '../ops/apply.ts';
import { Tensor } from './tensor.ts';
import { showType } from './types.ts';

/** A function with a gradient of its own. */
export type CustomFunction = (...inputs: readonly Tensor[]) => Tensor;

/** How the gradient of a custom function's result goes on to its inputs. */
interface Rule {
  readonly inputs: readonly Tensor[];
  /** The custom function itself, which a functional model applies anew. */
  readonly apply: CustomFunction;
  readonly back: (upstream: Tensor) => readonly Tensor[];
}

const rules = new WeakMap<Tensor, Rule>();

/** The rule of a tensor that a custom function gave. */
export function ruleOf(tensor: Tensor): Rule | undefined {
  return rules.get(tensor);
}

/**
 * A function with a gradient of its own: `f` says the value, `df` what the gradient of the loss with respect to it gives
 * for each input. What `f` uses besides its inputs gets no gradient. On what `Input` gives it is a layer of the model.
 *
 * @param f tensors to a tensor
 * @param df the upstream gradient, of the result's type, and then the inputs, to a tensor as the input, or to one for
 * each of several
 * @throws FoveaError `BAD_ARGUMENT` if `df` gives something else
 * @see https://keras.io/api/ops/core/#customgradient-function
 * @example
 * ```ts
 * import { customGradient, gradients, tensor, Variable } from 'fovea';
 *
 * const reversed = customGradient(
 *   (x) => x,
 *   (upstream) => upstream.neg(),
 * );
 * const x = new Variable({ initial: tensor([1, 2]) });
 * console.log(await gradients(reversed(x).square().sum(), x).array());
 * ```
 */
export function customGradient<X extends readonly Tensor[]>(
  f: (...inputs: X) => Tensor,
  df: (upstream: Tensor, ...inputs: X) => Tensor | readonly Tensor[],
): (...inputs: X) => Tensor {
  for (const [name, value] of Object.entries({ f, df }))
    if (typeof value !== 'function')
      throw badArgument('customGradient', `${name} must be a function; received ${shown(value)}.`);
  const custom = (...given: X): Tensor => {
    const wrong = given.find((x) => !(x instanceof Tensor));
    if (wrong !== undefined) throw badArgument('customGradient', `expected tensors; received ${shown(wrong)}.`);
    const inputs = given.map((x) => x.source());
    const value: unknown = f(...(inputs as readonly Tensor[] as X));
    if (!(value instanceof Tensor))
      throw badArgument('customGradient', `f must return a tensor; it returned ${shown(value)}.`);
    const cut = cutOff(value.source(), inputs);
    rules.set(cut, {
      inputs,
      apply: custom as unknown as CustomFunction,
      back: (upstream) => checked(df(upstream, ...(inputs as readonly Tensor[] as X)), inputs),
    });
    return cut;
  };
  return custom;
}

/** The value without its way back; it keeps its history as long as its inputs do. */
function cutOff(value: Tensor, inputs: readonly Tensor[]): Tensor {
  const node = applied('stopGradient', {}, [value]);
  const tracked = inputs.some((x) => x.tracked);
  const cut = new Tensor(node, 0, value.type, value.symbolic, tracked);
  cut.depth = value.depth + 1;
  node.outputs = [cut];
  return cut;
}

function checked(result: unknown, inputs: readonly Tensor[]): readonly Tensor[] {
  const list: unknown[] = Array.isArray(result) ? result : [result];
  if (list.length !== inputs.length || !list.every((dx) => dx instanceof Tensor))
    throw badArgument(
      'customGradient',
      `df must return one tensor for each of ${inputs.length} inputs; it returned ${shown(result)}.`,
    );
  for (const [i, dx] of (list as Tensor[]).entries())
    if (dx.source().type !== inputs[i]!.type)
      throw badArgument(
        'customGradient',
        `df must return tensors as the inputs: for input ${i}, ${showType(inputs[i]!)}, it returned ${showType(dx)}.`,
      );
  return (list as Tensor[]).map((dx) => dx.source());
}
