import { Callable } from './callable.ts';

const codes = [
  'SHAPE_MISMATCH',
  'BAD_ARGUMENT',
  'BAD_FILE',
  'UNSUPPORTED',
  'NO_DEVICE',
  'OUT_OF_MEMORY',
  'NOT_BUILT',
  'NOT_COMPILED',
  'BUSY',
  'DISPOSED',
  'ABORTED',
  'NOT_FINITE',
  'IO',
  'INTERNAL',
] as const;

/** What kind of failure a {@link FoveaError} tells of. */
export type Code = (typeof codes)[number];

/** Every error that Fovea throws or rejects with. */
export class FoveaError extends Error {
  /** What kind of failure it is. */
  readonly code: Code;
  /** The layer or op it belongs to, `''` if it belongs to none. */
  readonly where: string;

  constructor(code: Code, message: string, where = '', options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.where = where;
    this.name = code === 'ABORTED' ? 'AbortError' : 'FoveaError';
  }
}

/** What {@link wrapNative} needs of a node: the op's name, and where the user made it. */
export interface NodeOrigin {
  readonly name: string;
  readonly origin: { readonly path: string; readonly line: string };
}

/** What {@link wrapNative} needs of a graph that ran. */
export interface GraphOrigin {
  readonly nodes: readonly NodeOrigin[];
  /** The leaves as messages show them. */
  readonly leaves: readonly string[];
}

/**
 * An error of the addon as a {@link FoveaError}. A run-time error names a node or a leaf of the graph that
 * ran by its number: `graph` translates it into the layer's path and the user's line, or the variable.
 */
export function wrapNative(error: unknown, graph?: GraphOrigin, where = ''): FoveaError {
  if (error instanceof FoveaError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const match = /^([A-Z_]+): ([\s\S]*?)(?: @(\d+))?$/.exec(text);
  const options = { cause: error };
  const code = codes.find((known) => known === match?.[1]);
  if (!match || !code) {
    // What the addon's own code did not write: a panic, or an argument that napi could not convert.
    const misused = /^InvalidArg$|Expected$/.test(String((error as { code?: unknown }).code));
    const kind = misused ? 'BAD_ARGUMENT' : 'INTERNAL';
    return new FoveaError(kind, where ? `${where}: ${text}` : text, where, options);
  }
  const [, , said = '', index] = match;
  const named = said.replace(
    /\b(?:input|variable) (\d+)(?= holds)/,
    (number, leaf) => graph?.leaves[Number(leaf)] ?? number,
  );
  const node = index === undefined ? undefined : graph?.nodes[Number(index)];
  const place = node ? node.origin.path || node.name : where;
  const line = node?.origin.line ? ` (${node.name}, made at ${node.origin.line})` : '';
  // An op inside a layer or a loss is none of the user's.
  const sentence = node?.origin.path ? named.replace(/^[a-z]\w*: (?=\w+ )/, '') : named;
  const prefix = place && !sentence.startsWith(place) ? `${place}: ` : '';
  return new FoveaError(code, `${prefix}${sentence}${line}`, place, options);
}

/** A `BAD_ARGUMENT` error of an op, layer or function. */
export function badArgument(where: string, sentence: string): FoveaError {
  return new FoveaError('BAD_ARGUMENT', `${where}: ${sentence}`, where);
}

/** A value as error messages show it: short, and on one line. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`;
  if (value instanceof Callable) return String(value);
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) {
    const inner = value.slice(0, 8).map(shown).join(', ');
    return `[${inner}${value.length > 8 ? ', …' : ''}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const name = (value as object).constructor?.name;
    return name && name !== 'Object' ? `an instance of ${name}` : 'an object';
  }
  return String(value);
}

/** How many letters must change to make `b` of `a`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

const bare = (name: string): string => name.replaceAll(/[_\s-]/g, '').toLowerCase();

/** The name of `known` that `name` was probably meant to be. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(bare(name), bare(candidate));
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Throws if `value` is none of a fixed vocabulary. */
export function oneOf<T extends string>(where: string, field: string, value: unknown, allowed: readonly T[]): T {
  if (allowed.includes(value as T)) return value as T;
  const meant = typeof value === 'string' ? nearest(value, allowed) : undefined;
  const hint = meant ? ` Did you mean '${meant}'?` : '';
  throw badArgument(
    where,
    `${field} must be ${allowed.map((a) => `'${a}'`).join(', ')}; received ${shown(value)}.${hint}`,
  );
}

/** Throws unless `value` is a finite number. */
export function finite(where: string, field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw badArgument(where, `${field} must be a finite number; received ${shown(value)}.`);
}

/** Throws unless `value` is a whole number within the bounds (by default what an int32 holds). */
export function whole(where: string, field: string, value: unknown, least = -(2 ** 31), most = 2 ** 31 - 1): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  const bounds = least > -(2 ** 31) ? ` of at least ${least}` : '';
  throw badArgument(where, `${field} must be a whole number${bounds}; received ${shown(value)}.`);
}

/** Throws unless `value` is `true` or `false`. */
export function flag(where: string, field: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw badArgument(where, `${field} must be true or false; received ${shown(value)}.`);
}
