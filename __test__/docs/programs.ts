import { join } from 'node:path';
import ts from 'typescript';
import { files, read, root } from '../house/sources.ts';

/** A program that is printed in a text. */
export interface Program {
  /** The file, and the how-manieth program of it. */
  where: string;
  text: string;
}

const fence = /```ts\n([\s\S]*?)```/g;

const within = (path: string, text: string): Program[] =>
  [...text.matchAll(fence)].map(([, program], index) => ({ where: `${path} (${index + 1})`, text: program! }));

/** The programs of a Markdown file. */
export const ofMarkdown = (path: string): Program[] => within(path, read(path));

/** The programs in the doc comments of a folder's sources. */
export function ofComments(folder: string): Program[] {
  return files(folder)
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => {
      const comments = read(`${folder}/${path}`).match(/\/\*\*[\s\S]*?\*\//g) ?? [];
      return within(`${folder}/${path}`, comments.join('\n').replaceAll(/^ *\* ?/gm, ''));
    });
}

const settings = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
  ts.sys,
  root,
).options;

/** What TypeScript has against each of several programs, under the strict settings and with 'fovea' from its sources. */
export function complaints(programs: readonly string[]): string[][] {
  const names = programs.map((_, index) => join(root, '__test__', 'docs', `program-${index}.ts`));
  const text = new Map(names.map((name, index) => [name, programs[index]!]));
  const host = ts.createCompilerHost(settings);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => text.has(name) || fileExists.call(host, name);
  host.readFile = (name) => text.get(name) ?? readFile.call(host, name);
  host.getSourceFile = (name, version, ...rest) => {
    const own = text.get(name);
    return own === undefined
      ? getSourceFile.call(host, name, version, ...rest)
      : ts.createSourceFile(name, own, version);
  };
  const program = ts.createProgram(names, { ...settings, moduleDetection: ts.ModuleDetectionKind.Force }, host);
  return names.map((name) => {
    const file = program.getSourceFile(name);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(({ messageText }) =>
      ts.flattenDiagnosticMessageText(messageText, '\n'),
    );
  });
}

const AsyncFunction = (async () => {}).constructor as new (
  ...source: string[]
) => (...args: unknown[]) => Promise<void>;

/** Runs a program with these modules for what it imports. */
export async function run(program: string, modules: ReadonlyMap<string, object>): Promise<void> {
  const { outputText } = ts.transpileModule(program, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 },
  });
  const imported = (name: string): object => {
    const found = modules.get(name);
    if (found === undefined) throw new Error(`The program imports ${name}, which it is not given.`);
    return found;
  };
  await new AsyncFunction('require', 'exports', outputText)(imported, {});
}
