import { different, everywhere, notThere } from '../../docs/differences.ts';
import type { Row } from './compare.ts';
import type { FoveaTypes } from './fovea.ts';
import type { KerasSurface } from './keras.ts';
import { type Found, type Reasons, reasonFor } from './reasons.ts';

/** The section that a path belongs to: modules that are compared as one thing stand together. */
const moduleOf = (path: string): string =>
  path.startsWith('modules.') ? 'modules' : path.slice(0, path.lastIndexOf('.'));
const nameOf = (path: string): string => path.slice(moduleOf(path).length + 1);
const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|');
const link = ({ anchor, instead }: Found): string =>
  `${instead === null ? '' : `: ${code(instead)}`} ([why](#${anchor}))`;

/** What differs in a thing that is there, each with its reason; what holds everywhere is left out. */
function differences(row: Row): string[] {
  const own = reasonFor(different, row.path);
  const missing = row.absent.filter((name) => reasonFor(everywhere, `${row.path}(${name})`) === null);
  const told = (reasons: Reasons, name: string, text: string): string => {
    const found = reasonFor(reasons, `${row.path}(${name})`);
    return found === null ? text : `${text}${link(found)}`;
  };
  return [
    ...(own === null ? [] : [own.why.replace(/\.$/, '')]),
    ...missing.map((name) => told(notThere, name, `no ${code(name)}`)),
    ...[...row.different].map(([name, text]) => told(different, name, `${code(name)} ${text}`)),
  ];
}

/** The arguments that Fovea takes: those with a place, then the options in braces, then what Keras has not. */
function argumentsOf({ ours, parameters }: Row): string {
  if (ours === null || ours.kind === 'value') return '';
  const names = (positional: boolean) => ours.parameters.filter((p) => p.positional === positional).map((p) => p.name);
  const [places, options] = [names(true), names(false)];
  const order = (name: string) => (parameters.includes(name) ? parameters.indexOf(name) : parameters.length);
  const sorted = options.sort((a, b) => order(a) - order(b));
  const list = [...places, ...(sorted.length > 0 ? [`{ ${sorted.join(', ')} }`] : [])];
  return code(`(${list.join(', ')})`);
}

function tableOf(rows: readonly Row[]): string[] {
  const lines = rows.map((row) => {
    const names = [nameOf(row.path), ...row.aliases].map(code).join(' = ');
    const found = differences(row);
    const state = found.length === 0 ? 'there' : 'there, with a difference';
    return `| ${names} | ${state} | ${cell(argumentsOf(row))} | ${cell(found.join('; '))} |`;
  });
  return lines.length === 0 ? [] : ['| Name | | Arguments | Differences |', '|---|---|---|---|', ...lines, ''];
}

/** What is not there, together with all else that has the same reason. */
function absentList(rows: readonly Row[]): string[] {
  const groups = new Map<string, { why: string; names: string[] }>();
  for (const { path } of rows) {
    const found = reasonFor(notThere, path);
    const group = groups.get(found?.anchor ?? '') ?? { why: found?.why ?? '', names: [] };
    const instead = found?.instead == null ? '' : ` → ${code(found.instead)}`;
    groups.set(found?.anchor ?? '', { ...group, names: [...group.names, `${code(nameOf(path))}${instead}`] });
  }
  const lines = [...groups.values()].map(({ why, names }) => `- ${names.join(', ')}: ${why}`);
  return lines.length === 0 ? [] : ['Not there:', ...lines, ''];
}

/** Fovea's own names in a module of Keras's. */
function besides(module: string, rows: readonly Row[], types: FoveaTypes): string[] {
  const known = new Set(rows.flatMap((row) => [nameOf(row.path), ...row.aliases]));
  const own = [...(types.module(module)?.keys() ?? [])].filter((name) => !known.has(name)).sort();
  return own.length === 0 ? [] : [`Besides, in Fovea: ${own.map(code).join(', ')}.`, ''];
}

function section(module: string, rows: readonly Row[], types: FoveaTypes): string[] {
  const there = rows.filter(({ ours }) => ours !== null);
  const absent = rows.filter(({ ours }) => ours === null);
  return [`## ${module}`, '', ...tableOf(there), ...absentList(absent), ...besides(module, rows, types)];
}

function counts(rows: readonly Row[]): [there: number, differing: number, absent: number] {
  const there = rows.filter(({ ours }) => ours !== null);
  const differing = there.filter((row) => differences(row).length > 0).length;
  return [there.length - differing, differing, rows.length - there.length];
}

const reasonList = (reasons: Reasons): string[] =>
  Object.entries(reasons).map(([anchor, { why }]) => `- <a id="${anchor}"></a>**${anchor}**: ${why}`);

/** docs/keras.md. */
export function page(keras: KerasSurface, rows: readonly Row[], types: FoveaTypes): string {
  const modules = new Map<string, Row[]>();
  for (const row of rows) modules.set(moduleOf(row.path), [...(modules.get(moduleOf(row.path)) ?? []), row]);
  const summary = [...modules].map(
    ([module, found]) => `| [${module}](#${anchorOf(module)}) | ${counts(found).join(' | ')} |`,
  );
  const total = counts(rows);
  const shared = Object.entries(everywhere).map(
    ([, { why, names }]) =>
      `- ${(names as string[]).map((name) => code(name.replace(/^.*\((.*)\)$/, '$1'))).join(', ')}: ${why}`,
  );
  return [
    '<!-- Written by `npm run generate`: from Keras as it is installed, the types of ts/ and docs/differences.ts. -->',
    '# Keras in Fovea',
    '',
    `Every public class and function of Keras ${keras.keras}, with its options, as it stands in Fovea: there, there with a`,
    'difference, or not there. Names are in Fovea’s spelling (`pool_size` is `poolSize`). Arguments before the braces are',
    'given by their place, those of a class as options too; what Fovea lacks has no place in that order. Defaults are',
    'Keras’s wherever no difference is named.',
    '',
    '| Module | there | with a difference | not there |',
    '|---|---|---|---|',
    ...summary,
    `| all | ${total.join(' | ')} |`,
    '',
    'Options that are left out everywhere, and not named again below:',
    ...shared,
    '',
    ...[...modules].flatMap(([module, found]) => section(module, found, types)),
    '## Reasons',
    '',
    ...reasonList({ ...notThere, ...different }),
    '',
  ].join('\n');
}

const anchorOf = (module: string): string => module.toLowerCase().replaceAll('.', '');
