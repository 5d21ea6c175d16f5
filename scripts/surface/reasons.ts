import { different, everywhere, notThere } from '../../docs/differences.ts';
import type { Row } from './compare.ts';
import type { FoveaTypes } from './fovea.ts';

/**
 * Why something of Keras's is not there, or differs. A name is a path as the table has it (`layers.RNN`,
 * `models.Model.fit`), one of its parameters in parentheses (`ops.norm(axis)`); `*` stands for any letters.
 */
export interface Reason {
  why: string;
  /** With `Record`, the value is the path of what to use instead. */
  names: readonly string[] | Readonly<Record<string, string>>;
}

/** Reasons by a short name, which is their anchor on the page. */
export type Reasons = Readonly<Record<string, Reason>>;

/** A reason that fits, with its anchor, and what to use instead. */
export interface Found {
  anchor: string;
  why: string;
  instead: string | null;
}

const matches = (pattern: string, path: string): boolean => pattern === path || expression(pattern).test(path);

function expression(pattern: string): RegExp {
  const known = patterns.get(pattern) ?? new RegExp(`^${pattern.replace(/[.()]/g, '\\$&').replaceAll('*', '.*')}$`);
  patterns.set(pattern, known);
  return known;
}

const patterns = new Map<string, RegExp>();

const listed = ({ names }: Reason): [name: string, instead: string | null][] =>
  Array.isArray(names) ? names.map((name: string) => [name, null]) : Object.entries(names);

/** The reason for a path, `null` if nobody gave one. */
export function reasonFor(reasons: Reasons, path: string): Found | null {
  for (const [anchor, reason] of Object.entries(reasons)) {
    const entry = listed(reason).find(([name]) => matches(name, path));
    if (entry !== undefined) return { anchor, why: reason.why, instead: entry[1] };
  }
  return null;
}

/** What is not there, or differs, and what only `different` may speak of: names that are there. */
interface Facts {
  absent: string[];
  differing: string[];
  there: string[];
}

function facts(rows: readonly Row[]): Facts {
  const there = rows.filter(({ ours }) => ours !== null);
  const missing = rows.filter(({ ours }) => ours === null).map(({ path }) => path);
  return {
    absent: [...missing, ...there.flatMap(({ path, absent }) => absent.map((name) => `${path}(${name})`))],
    differing: there.flatMap(({ path, different: found }) => [...found.keys()].map((name) => `${path}(${name})`)),
    there: there.map(({ path }) => path),
  };
}

/** One sentence for everything that has no reason, and for every reason that speaks of nothing. */
export function complaints(rows: readonly Row[], types: FoveaTypes): string[] {
  const { absent, differing, there } = facts(rows);
  const unsaid = [
    ...absent
      .filter((path) => reasonFor(everywhere, path) === null && reasonFor(notThere, path) === null)
      .map((path) => `${path} is in Keras and not in Fovea: give a reason in notThere.`),
    ...differing
      .filter((path) => reasonFor(different, path) === null)
      .map((path) => `${path} ${meaning(rows, path)}: give a reason in different.`),
  ];
  const idle = (reasons: Reasons, paths: readonly string[], where: string) =>
    Object.values(reasons)
      .flatMap(listed)
      .filter(([name]) => !paths.some((path) => matches(name, path)))
      .map(([name]) => `${where} speaks of ${name}, which is not so: leave it out.`);
  const lost = [...Object.values(notThere), ...Object.values(different)]
    .flatMap(listed)
    .filter(([, instead]) => instead !== null && !exists(types, instead))
    .map(([name, instead]) => `${instead} is to be used instead of ${name}, but is not there.`);
  return [
    ...unsaid,
    ...idle(everywhere, absent, 'everywhere'),
    ...idle(notThere, absent, 'notThere'),
    ...idle(different, [...differing, ...there], 'different'),
    ...lost,
  ];
}

function meaning(rows: readonly Row[], path: string): string {
  const [, owner, name] = /^(.*)\((.*)\)$/.exec(path)!;
  return rows.find((row) => row.path === owner)!.different.get(name!)!;
}

/** Whether a path leads to a namespace, a value, or a member of a class. */
function exists(types: FoveaTypes, path: string): boolean {
  if (types.module(path) !== undefined) return true;
  const cut = path.lastIndexOf('.');
  const [head, name] = cut < 0 ? ['', path] : [path.slice(0, cut), path.slice(cut + 1)];
  if (types.module(head)?.has(name)) return true;
  const above = head.lastIndexOf('.');
  const Class = types.module(above < 0 ? '' : head.slice(0, above))?.get(head.slice(above + 1));
  return Class?.members().has(name) ?? false;
}
