import { FoveaError } from '../errors.ts';
import { type CallOptions, Layer } from '../layers/index.ts';
import { automaticName } from '../layers/naming.ts';
import { type History, historyOf, isFunctional, note } from '../layers/record.ts';
import { reapply } from '../ops/apply.ts';
import { deserialize, isSerialized, provide, type Serialized } from '../registry.ts';
import { type CustomFunction, ruleOf } from '../tensor/custom-gradient.ts';
import { type DType, type Node, type Tensor, tensor } from '../tensor.ts';

/** Options of an {@link OpLayer}. */
export interface OpLayerOptions {
  op: string;
  attributes: object;
  /** The operands that are no output of a layer; `null` where one is. */
  constants: readonly (Tensor | Serialized | number | null)[];
  name?: string | undefined;
}

/** Keras's names of ops whose own are shorter. */
const kerasNames: Record<string, string> = { sub: 'subtract', mul: 'multiply', div: 'true_divide' };

/** An op that was applied to a symbolic tensor of a model, as a layer of it. */
export class OpLayer extends Layer {
  static readonly className: string = 'OpLayer';
  readonly op: string;
  readonly attributes: object;
  readonly constants: readonly (Tensor | number | null)[];

  constructor({ op, attributes, constants, name }: OpLayerOptions) {
    super({ name: name ?? automaticName(kerasNames[op] ?? op) });
    this.op = op;
    this.attributes = attributes;
    this.constants = constants.map((constant) => (isSerialized(constant) ? deserialize<Tensor>(constant) : constant));
    this.built = true;
  }

  override get typeName(): string {
    const name = kerasNames[this.op] ?? this.op;
    return name.replace(/(^|_)([a-z])/g, (_match, _gap, letter: string) => letter.toUpperCase());
  }

  override call(inputs: readonly Tensor[], _options: CallOptions): Tensor | Tensor[] {
    let used = 0;
    const operands = this.constants.map((constant) => {
      if (constant === null) return inputs[used++]!;
      return constant;
    });
    const outputs = this.resultsOf(operands);
    return outputs.length === 1 ? outputs[0]! : outputs;
  }

  /** What the op gives for all its operands. */
  protected resultsOf(operands: readonly (Tensor | number)[]): Tensor[] {
    return reapply(this.op, this.attributes, operands);
  }

  override getConfig(): object {
    const { name, op, attributes } = this;
    const constants = this.constants.map((constant) =>
      constant === null || typeof constant === 'number' ? constant : savableTensor(constant),
    );
    return { name, op, attributes, constants };
  }
}

/** Options of a {@link CustomGradient}. */
interface CustomGradientOptions extends Pick<OpLayerOptions, 'constants' | 'name'> {
  function: CustomFunction;
}

/** A function with a gradient of its own that was applied to a symbolic tensor of a model, as a layer of it. */
class CustomGradient extends OpLayer {
  static override readonly className: string = 'CustomGradient';
  readonly function: CustomFunction;

  constructor({ function: fn, constants, name }: CustomGradientOptions) {
    super({ op: 'custom_gradient', attributes: {}, constants, name });
    if (typeof fn !== 'function')
      throw new FoveaError(
        'UNSUPPORTED',
        'CustomGradient: its function cannot be loaded from a file. Call it in a layer of your own instead.',
        'CustomGradient',
      );
    this.function = fn;
  }

  protected override resultsOf(operands: readonly Tensor[]): Tensor[] {
    return [this.function(...operands)];
  }

  /** The options that make an equal layer, the function itself among them: JSON has no word for it. */
  override getConfig(): object {
    const { name, constants } = super.getConfig() as CustomGradientOptions;
    return { name, function: this.function, constants };
  }
}

/** What makes a tensor again of its config: a class as far as configs are concerned. */
const constantTensor = Object.assign(() => {}, {
  className: 'Tensor',
  fromConfig: ({ shape, dtype, values }: { shape: number[]; dtype: DType; values: number[] }): Tensor =>
    tensor(values, { shape, dtype }),
});

/** A tensor in a config with its values, which are few where a model has them in its graph. */
function savableTensor(constant: Tensor): Serialized {
  const { shape, dtype } = constant;
  return { className: 'Tensor', config: { shape, dtype, values: [...constant.dataSync()] } };
}

provide('keras.ops', () => ({ OpLayer, CustomGradient, constantTensor }));

/** Where a symbolic tensor comes from; the bare op that made it becomes a layer the first time. */
export function sourceOf(tensor: Tensor): History | undefined {
  const known = historyOf(tensor);
  if (known !== undefined || !isFunctional(tensor)) return known;
  noteOp(tensor.node);
  return historyOf(tensor);
}

function noteOp(node: Node): void {
  const rule = ruleOf(node.outputs[0]!);
  const operands = rule?.inputs ?? node.inputs;
  const inputs = operands.filter(isFunctional);
  const constants = operands.map((operand) => (isFunctional(operand) ? null : operandOf(operand)));
  const layer =
    rule === undefined
      ? new OpLayer({ op: node.name, attributes: node.attributes, constants })
      : new CustomGradient({ function: rule.apply, constants });
  note({ layer, input: inputs, options: {}, inputs, output: [...node.outputs], outputs: [...node.outputs] });
}

/** What an operand is at each replay: a variable is read anew. */
function operandOf(operand: Tensor): Tensor | number {
  const { node } = operand;
  if (node.name === 'read' && node.slot !== null) return node.slot.owner;
  return operand;
}
