import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root } from './sources.ts';

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
  ts.sys,
  root,
);
const entry = join(root, 'ts', 'index.ts');
const program = ts.createProgram([entry], options);
const checker = program.getTypeChecker();
const index = program.getSourceFile(entry)!;

interface Named {
  path: string;
  symbol: ts.Symbol;
}

/** What a module exports, its namespaces' exports too, each once. */
function exported(module: ts.Symbol, prefix = '', seen = new Set<ts.Symbol>()): Named[] {
  return checker.getExportsOfModule(module).flatMap((name) => {
    const symbol = name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name;
    if (seen.has(symbol)) return [];
    seen.add(symbol);
    const path = `${prefix}${name.name}`;
    return symbol.flags & ts.SymbolFlags.ValueModule ? exported(symbol, `${path}.`, seen) : [{ path, symbol }];
  });
}

const tags = ({ symbol }: Named): string[] =>
  (symbol.declarations ?? []).flatMap((node) => ts.getJSDocTags(node).map(({ tagName }) => tagName.text));

const documented = ({ symbol }: Named): boolean => symbol.getDocumentationComment(checker).length > 0;

const modifiers = ({ symbol }: Named): ts.ModifierFlags =>
  (symbol.declarations ?? []).reduce<ts.ModifierFlags>((flags, node) => flags | ts.getCombinedModifierFlags(node), 0);

/** The members that a class or interface itself declares, those of symbols and private ones left out. */
function members({ path, symbol }: Named): Named[] {
  const inner = [...(symbol.members?.values() ?? []), ...(symbol.exports?.values() ?? [])];
  return inner
    .filter(
      ({ name, flags }) => !/^(__|#)/.test(name) && name !== 'prototype' && !(flags & ts.SymbolFlags.TypeParameter),
    )
    .map((member) => ({ path: `${path}.${member.name}`, symbol: member }))
    .filter((member) => !(modifiers(member) & ts.ModifierFlags.Private) && !tags(member).includes('internal'));
}

/** The options that a class's constructor takes: a field of the same name needs no second sentence. */
function constructorOptions({ symbol }: Named): Set<string> {
  const signatures = symbol.valueDeclaration
    ? checker.getTypeOfSymbolAtLocation(symbol, symbol.valueDeclaration).getConstructSignatures()
    : [];
  const types = signatures.flatMap((signature) => signature.parameters.map((p) => checker.getTypeOfSymbol(p)));
  const each = types.flatMap((type) =>
    checker.isTupleType(type) ? checker.getTypeArguments(type as ts.TypeReference) : [type],
  );
  const parts = each.flatMap((type) => (type.isUnion() ? type.types : [type]));
  return new Set(parts.flatMap((type) => type.getProperties().map(({ name }) => name)));
}

const api = exported(checker.getSymbolAtLocation(index)!);
const isType = ({ symbol }: Named): boolean =>
  Boolean(symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface));
const paths = (list: readonly Named[]): string[] => list.map(({ path }) => path);

test('there is something to document', () => {
  expect(api.length).toBeGreaterThan(200);
});

test('every exported name has a doc comment', () => {
  expect(paths(api.filter((name) => !documented(name) && !tags(name).includes('internal')))).toEqual([]);
});

test('every public member of a class, and every option, has a doc comment', () => {
  const bare = api.filter(isType).flatMap((type) => {
    const options = constructorOptions(type);
    return members(type).filter(
      (member) => !documented(member) && !options.has(member.symbol.name) && member.symbol.name !== 'className',
    );
  });
  expect(paths(bare)).toEqual([]);
});

test('every namespace says what is in it', () => {
  const silent = index.statements.filter(
    (node) =>
      ts.isExportDeclaration(node) &&
      node.exportClause !== undefined &&
      ts.isNamespaceExport(node.exportClause) &&
      ts.getJSDocCommentsAndTags(node).length === 0,
  );
  expect(silent.map((node) => node.getText())).toEqual([]);
});

test('every class that Keras has too names its page', () => {
  const ours = ['losses.LossFunctionWrapper'];
  const named = api.filter(({ symbol }) => symbol.exports?.has('className' as ts.__String));
  expect(named.length).toBeGreaterThan(50);
  const without = named.filter(
    ({ path, symbol }) =>
      !ours.includes(path) &&
      !symbol.declarations?.some((node) => ts.getJSDocTags(node).some((tag) => /keras\.io\/api\//.test(tag.getText()))),
  );
  expect(paths(without)).toEqual([]);
});

/** The types that a declaration names where others see them: not in bodies, nor in what is private or internal. */
function namedIn(node: ts.Node): ts.Symbol[] {
  if (ts.isBlock(node) || ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal')) return [];
  if (ts.isClassElement(node) && node.name !== undefined && ts.isPrivateIdentifier(node.name)) return [];
  const name = ts.isTypeReferenceNode(node)
    ? node.typeName
    : ts.isExpressionWithTypeArguments(node)
      ? node.expression
      : undefined;
  const own = name && checker.getSymbolAtLocation(name);
  const found = own === undefined ? [] : [own.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(own) : own];
  ts.forEachChild(node, (child) => void found.push(...namedIn(child)));
  return found;
}

const ofJavaScript = (type: ts.Symbol): boolean =>
  type.declarations?.every((node) => program.isSourceFileDefaultLibrary(node.getSourceFile())) ?? false;

test('every type of options that the API names is exported', () => {
  const known = new Set(api.map(({ symbol }) => symbol));
  const hidden = api
    .filter((name) => !tags(name).includes('internal'))
    .flatMap(({ path, symbol }) => (symbol.declarations ?? []).flatMap(namedIn).map((type) => ({ path, type })))
    .filter(({ type }) => type.name.endsWith('Options') && !known.has(type) && !ofJavaScript(type))
    .map(({ path, type }) => `${type.name}, named by ${path}`);
  expect([...new Set(hidden)]).toEqual([]);
});
