import { parseArgs } from 'node:util';
import { type DeviceName, setDevice } from 'fovea';

/** An option that takes a value. */
export interface Option<T> {
  /** What stands for the value in the help: N, FOLDER. */
  readonly value: string;
  readonly help: string;
  readonly usual: T;
  /** The usual value as the help says it. */
  readonly usually?: string | undefined;
  /** Reads what was typed; throws a sentence about `--name`. */
  read(typed: string, name: string): T;
}

/** What a table of options gives. */
type Values<O> = { [K in keyof O]: O[K] extends Option<infer T> ? T : never };

const flagOf = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A whole number. */
export const count = (help: string, usual: number, least = 1, usually?: string): Option<number> => ({
  value: 'N',
  help,
  usual,
  usually,
  read(typed, name) {
    if (/^\d+$/.test(typed) && Number(typed) >= least) return Number(typed);
    throw new Error(`--${name} must be a whole number of at least ${least}; received '${typed}'.`);
  },
});

/** A number above zero. */
export const factor = (help: string, usual: number): Option<number> => ({
  value: 'X',
  help,
  usual,
  read(typed, name) {
    if (Number.isFinite(Number(typed)) && Number(typed) > 0) return Number(typed);
    throw new Error(`--${name} must be a number above 0; received '${typed}'.`);
  },
});

/** Any text: a path. */
export const text = <T extends string | null>(
  value: string,
  help: string,
  usual: T,
  usually?: string,
): Option<T | string> => ({
  value,
  help,
  usual,
  usually,
  read: (typed) => typed,
});

/** Some of several names, with commas between. */
export const some = <T extends string>(help: string, names: readonly T[]): Option<readonly T[]> => ({
  value: 'A,B',
  help,
  usual: names,
  usually: names.join(','),
  read(typed, name) {
    const chosen = typed.split(',').map((part) => part.trim());
    const stranger = chosen.find((part) => !(names as readonly string[]).includes(part));
    if (stranger === undefined) return names.filter((known) => chosen.includes(known));
    throw new Error(`--${name} must be some of ${names.join(', ')}, with commas between; received '${stranger}'.`);
  },
});

/** What every program here that trains can be told. */
export const training = (usual: { epochs: number; batchSize: number }) => ({
  epochs: count('how often to go through the images', usual.epochs),
  batchSize: count('images in a step', usual.batchSize),
  ...repeatable,
});

/** What every program here that draws random numbers can be told. */
export const repeatable = {
  seed: count('same seed, same result to the last bit', 1, 0),
  device: text('NAME', 'cpu, gpu, or gpu:1 for the second GPU', 'cpu') as Option<DeviceName>,
};

/** Reads the command line; prints help, or one sentence that says what is wrong, and ends. */
// biome-ignore lint/suspicious/noExplicitAny: each option has a type of its own
export function readCommandLine<O extends Record<string, Option<any>>>(title: string, options: O): Values<O> {
  const entries = Object.entries(options).map(([key, option]) => ({ key, name: flagOf(key), option }));
  try {
    const known = Object.fromEntries(entries.map(({ name }) => [name, { type: 'string' as const }]));
    const values: { readonly [name: string]: unknown } = parseArgs({
      options: { ...known, help: { type: 'boolean' } },
    }).values;
    if (values.help === true) {
      console.log(`${title}\n\n${helpOf(entries)}`);
      process.exit(0);
    }
    const read = entries.map(({ key, name, option }) => {
      const typed = values[name];
      return [key, typeof typed === 'string' ? option.read(typed, name) : option.usual];
    });
    return Object.fromEntries(read);
  } catch (error) {
    // Node's message goes on about arguments that begin with a dash.
    const [sentence] = (error as Error).message.split(/(?<=\.) /);
    console.error(`${sentence} (--help lists the options)`);
    process.exit(1);
  }
}

function helpOf(entries: readonly { name: string; option: Option<unknown> }[]): string {
  const heads = entries.map(({ name, option }) => `--${name} ${option.value}`);
  const width = Math.max(...heads.map((head) => head.length));
  return entries
    .map(({ option }, i) => `  ${heads[i]!.padEnd(width)}  ${option.help} (${option.usually ?? option.usual})`)
    .join('\n');
}

/** Chooses the device; if it is not there, says so in one sentence and ends. */
export async function choose(device: DeviceName): Promise<void> {
  await orEnd(() => setDevice(device));
}

/** What a function gives; if it fails, prints its sentence and ends. */
export async function orEnd<T>(fn: () => T | Promise<T>): Promise<T> {
  try {
    return await fn();
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
