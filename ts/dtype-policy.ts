import { badArgument, nearest, shown } from './errors.ts';
import { dtypeSize } from './generated/dtypes.ts';
import type { DType } from './tensor/types.ts';

/** A dtype for everything, or a mixture: `'mixedBfloat16'` computes in bfloat16 and keeps weights in float32. */
export type DTypePolicyName = DType | 'mixedBfloat16';

/** A policy, by its name or itself. */
export type DTypePolicyLike = DTypePolicyName | DTypePolicy;

/**
 * In which dtype a layer computes and in which it keeps its weights. Layers take one as `dtype`, by its name or as an
 * instance; the others have the global one (`config.setDtypePolicy`).
 *
 * With `'mixedBfloat16'` float inputs and weights are cast to bfloat16 where a layer is called, and its output is
 * bfloat16; weights, their optimizer's state, the statistics of normalisations, losses and metrics stay float32.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a name that is none
 * @see https://keras.io/api/mixed_precision/policy/
 * @example
 * ```ts
 * import { DTypePolicy, ones } from 'fovea';
 * import { Dense } from 'fovea/layers';
 *
 * const dense = new Dense(4, { dtype: new DTypePolicy('mixedBfloat16') });
 * console.log(dense(ones([2, 3])).dtype, dense.kernel.dtype);
 * ```
 */
export class DTypePolicy {
  static readonly className: string = 'DTypePolicy';
  /** Its name. */
  readonly name: DTypePolicyName;
  /** What a layer computes in: float inputs are cast to it. */
  readonly computeDtype: DType;
  /** What its weights are kept in. */
  readonly variableDtype: DType;

  /** @param name the global policy's if left out */
  constructor(name: DTypePolicyName = global.name) {
    this.name = policyName('DTypePolicy', name);
    [this.computeDtype, this.variableDtype] =
      this.name === 'mixedBfloat16' ? ['bfloat16', 'float32'] : [this.name, this.name];
  }

  /** The options that make an equal policy. */
  getConfig(): { name: DTypePolicyName } {
    return { name: this.name };
  }

  /** A policy from what `getConfig` returned. */
  static fromConfig({ name }: { name: DTypePolicyName }): DTypePolicy {
    return new DTypePolicy(name);
  }

  /** Its name, as messages show it. */
  toString(): string {
    return `DTypePolicy "${this.name}"`;
  }
}

function policyName(where: string, name: unknown): DTypePolicyName {
  const names = [...Object.keys(dtypeSize), 'mixedBfloat16'];
  if (typeof name === 'string' && names.includes(name)) return name as DTypePolicyName;
  const meant = typeof name === 'string' ? nearest(name, names) : undefined;
  const hint = meant === undefined ? '' : ` Did you mean '${meant}'?`;
  throw badArgument(where, `dtype must be one of ${names.join(', ')}, or a policy; received ${shown(name)}.${hint}`);
}

let global = new DTypePolicy('float32');

/** The policy of a layer with this `dtype`; the global one without. */
export function policyOf(where: string, dtype: DTypePolicyLike | undefined): DTypePolicy {
  if (dtype === undefined) return global;
  return dtype instanceof DTypePolicy ? dtype : new DTypePolicy(policyName(where, dtype));
}

/**
 * The policy of layers that are made without a `dtype`: `'float32'`, until `setDtypePolicy` says otherwise.
 *
 * @see https://keras.io/api/config/#dtypepolicy-function
 */
export function dtypePolicy(): DTypePolicy {
  return global;
}

/**
 * Chooses the policy of layers that are made from now on without a `dtype`.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a name that is none
 * @see https://keras.io/api/config/#setdtypepolicy-function
 */
export function setDtypePolicy(policy: DTypePolicyLike): void {
  global = policyOf('setDtypePolicy', policy);
}
