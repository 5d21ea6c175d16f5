// Compiles only if the addon, as napi describes it in native/binding.d.ts, is what ts/native.ts says.
import type * as binding from '../../native/binding.d.ts';
import type * as ours from '../../ts/native.ts';

/** Methods as functions, whose parameters TypeScript compares strictly. */
type Face<T> = { [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => R : T[K] };

type Check<Given extends Expected, Expected> = [Given, Expected];

/** What the addon gives can do all that is asked of it. */
export type Gives = [
  Check<typeof binding, Face<ours.Addon>>,
  Check<typeof binding.NativeBuffer, Face<ours.Addon['NativeBuffer']>>,
  Check<typeof binding.NativeSource, Face<ours.Addon['NativeSource']>>,
  Check<binding.NativeBuffer, Face<ours.NativeBuffer>>,
  Check<binding.NativeVariable, Face<ours.NativeVariable>>,
  Check<binding.NativeOperands, Face<ours.NativeOperands>>,
  Check<binding.NativePlan, Face<ours.NativePlan>>,
  Check<binding.NativeSource, Face<ours.NativeSource>>,
  Check<binding.NativeAbort, Face<ours.NativeAbort>>,
  Check<binding.EpochResult, ours.EpochResult>,
];

/** What it is given is what it takes, and nothing that it would ignore. */
export type Takes = [
  Check<ours.Operand, binding.Operand>,
  Check<ours.EpochOptions, binding.EpochOptions>,
  Check<ours.TensorSourceOptions, binding.TensorSourceOptions>,
  Check<keyof ours.EpochOptions, keyof binding.EpochOptions>,
  Check<keyof ours.TensorSourceOptions, keyof binding.TensorSourceOptions>,
];
