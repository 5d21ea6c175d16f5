import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../tools.mjs';

/** A parameter, or an option of the record that comes last. */
export interface Parameter {
  name: string;
  /** Whether it can be given by its place too. */
  positional: boolean;
  optional: boolean;
}

/** What Fovea has under a name. */
export interface Entry {
  kind: 'class' | 'function' | 'value';
  parameters: Parameter[];
  /** The methods and fields of a class's instances, and its static methods. */
  members: () => Map<string, Entry>;
}

interface Place {
  name: string;
  type: ts.Type;
  optional: boolean;
}

/** Reads the types of ts/: what every module exports, which arguments it takes. */
export class FoveaTypes {
  readonly #checker: ts.TypeChecker;
  readonly #index: ts.Symbol;

  constructor() {
    const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config;
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    const entry = join(root, 'ts', 'index.ts');
    const program = ts.createProgram([entry], options);
    this.#checker = program.getTypeChecker();
    this.#index = this.#checker.getSymbolAtLocation(program.getSourceFile(entry)!)!;
  }

  /** The values that a module exports, `undefined` if there is no such module; `''` is fovea itself. */
  module(path: string): Map<string, Entry> | undefined {
    let symbol: ts.Symbol | undefined = this.#index;
    for (const name of path === '' ? [] : path.split('.')) {
      symbol = this.#exports(symbol).find((found) => found.name === name);
      if (symbol === undefined) return undefined;
      symbol = this.#resolved(symbol);
      if (!(symbol.flags & ts.SymbolFlags.ValueModule)) return undefined;
    }
    const values = this.#exports(symbol).filter((found) => {
      const { flags } = this.#resolved(found);
      const value = flags & ts.SymbolFlags.Value && !(flags & ts.SymbolFlags.ValueModule);
      return value && !this.#isInternal(this.#resolved(found));
    });
    return new Map(
      values.map((found) => [found.name, this.#entry(this.#checker.getTypeOfSymbol(this.#resolved(found)))]),
    );
  }

  #isInternal(symbol: ts.Symbol): boolean {
    return symbol.getJsDocTags(this.#checker).some(({ name }) => name === 'internal');
  }

  #exports(symbol: ts.Symbol): ts.Symbol[] {
    return this.#checker.getExportsOfModule(symbol);
  }

  #resolved(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  #entry(type: ts.Type): Entry {
    const [made, called] = [type.getConstructSignatures(), type.getCallSignatures()];
    const signatures = made.length > 0 ? made : called;
    const kind = made.length > 0 ? 'class' : called.length > 0 ? 'function' : 'value';
    const members = () => {
      const instance = made[0]?.getReturnType().getProperties() ?? [];
      const all = [...type.getProperties(), ...instance].filter(
        (symbol) => !/^(__|#|prototype$)/.test(symbol.name) && !this.#isInternal(symbol),
      );
      return new Map(all.map((symbol) => [symbol.name, this.#entry(this.#checker.getTypeOfSymbol(symbol))]));
    };
    return { kind, parameters: this.#parameters(signatures), members };
  }

  /** All that the signatures take together: by place, as the longest has them, then the options. */
  #parameters(signatures: readonly ts.Signature[]): Parameter[] {
    const found = new Map<string, Parameter>();
    const places = signatures
      .flatMap((signature) => this.#lists(signature))
      .sort((a, b) => b.length - a.length)
      .flat();
    for (const { name, type, optional } of places) {
      if (!this.#isAllOptions(type) && !found.has(name)) found.set(name, { name, positional: true, optional });
    }
    for (const { type } of places) {
      for (const { name } of this.#options(type).flatMap((part) => part.getProperties())) {
        if (!found.has(name)) found.set(name, { name, positional: false, optional: true });
      }
    }
    return [...found.values()];
  }

  /** The parameters by place. A rest parameter that is one of several tuples makes as many lists. */
  #lists(signature: ts.Signature): Place[][] {
    const [last] = signature.parameters.slice(-1);
    const places = signature.parameters.map((symbol): Place => {
      const node = symbol.valueDeclaration as ts.ParameterDeclaration | undefined;
      const optional = (node?.questionToken ?? node?.initializer) !== undefined;
      return { name: symbol.name, type: this.#checker.getTypeOfSymbol(symbol), optional };
    });
    const declaration = last?.valueDeclaration;
    if (declaration === undefined || !ts.isParameter(declaration) || declaration.dotDotDotToken === undefined)
      return [places];
    const tuples = this.#parts(places.at(-1)!.type).filter((part) => this.#checker.isTupleType(part));
    if (tuples.length === 0) return [places];
    places.pop();
    return tuples.map((tuple) => [...places, ...this.#elements(tuple as ts.TupleTypeReference)]);
  }

  #elements(tuple: ts.TupleTypeReference): Place[] {
    const { labeledElementDeclarations: labels, elementFlags } = tuple.target;
    return this.#checker.getTypeArguments(tuple).map((type, index) => {
      const label = labels?.[index]?.name;
      const name = label !== undefined && ts.isIdentifier(label) ? label.text : `argument${index}`;
      return { name, type, optional: Boolean(elementFlags[index]! & ts.ElementFlags.Optional) };
    });
  }

  /** The records of options among the types of a parameter. */
  #options(type: ts.Type): ts.Type[] {
    return this.#parts(type).filter((part) => this.#isOptions(part));
  }

  #isAllOptions(type: ts.Type): boolean {
    const parts = this.#parts(type);
    return parts.length > 0 && parts.every((part) => this.#isOptions(part));
  }

  #parts(type: ts.Type): ts.Type[] {
    const parts = type.isUnion() ? type.types : [type];
    return parts.filter(({ flags }) => !(flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)));
  }

  /** Options are records whose type is called so, or in which nothing is needed. */
  #isOptions(type: ts.Type): boolean {
    if (this.#checker.isArrayLikeType(type) || type.getCallSignatures().length > 0) return false;
    if (type.aliasSymbol?.name.endsWith('Options')) return true;
    if (type.isIntersection()) {
      // A ThisType has no properties.
      const parts = type.types.filter((part) => part.getProperties().length > 0);
      return parts.length > 0 && parts.every((part) => this.#isOptions(part));
    }
    if (!(type.flags & ts.TypeFlags.Object) || type.symbol === undefined) return false;
    if (type.symbol.name.endsWith('Options')) return true;
    const properties = type.getProperties();
    const bare = !type.isClass() && properties.length > 0;
    return bare && properties.every(({ flags }) => flags & ts.SymbolFlags.Optional);
  }
}
