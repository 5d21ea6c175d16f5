import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './child.ts';
import { load, machine } from './machine.ts';
import type { Options } from './options.ts';

/** What a benchmark found. */
export interface Findings {
  /** The headline of its section. */
  readonly title: string;
  /** What it ran on beside the machine. */
  readonly facts?: readonly string[];
  readonly tables: readonly Table[];
  /** Sentences: the figures that targets are about, then what must be known to read them. */
  readonly sentences: readonly string[];
}

/** Rows of text; the first row names the columns. */
export interface Table {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

/** A benchmark: measures, and tells what it does meanwhile. */
export type Benchmark = (options: Options, say: (sentence: string) => void) => Promise<Findings>;

/** A figure against what it shall be at most (or at least). */
export function target(what: string, value: number, bound: number, unit = '', least = false): string {
  const met = least ? value >= bound : value <= bound;
  const digits = Math.abs(value) >= 100 ? 0 : 2;
  const wanted = `${least ? 'at least' : 'at most'} ${bound}${unit}`;
  return `${what}: **${value.toFixed(digits)}${unit}** (target: ${wanted}; ${met ? 'met' : 'missed'}).`;
}

/** Whether a figure is as small, or as great, as it shall be: for tables. */
export const verdict = (value: number, bound: number, least = false): string =>
  Number.isNaN(value) ? '–' : `${value.toFixed(2)} (${(least ? value >= bound : value <= bound) ? 'met' : 'missed'})`;

/** Measures the build of a revision and gives the section of the report, in Markdown. */
export async function section(benchmark: Benchmark, options: Options, revision: string): Promise<string> {
  const before = load();
  const findings = await benchmark(options, (sentence) => console.error(`… ${sentence}`));
  const { title, tables, sentences } = findings;
  const facts = [`Command: \`${options.command}\``, ...machine(options.threads, revision), ...(findings.facts ?? [])];
  facts.push(`Load average before and after: ${before}, ${load()} (what is measured counts too)`);
  const parts = [`## ${title}`, list(facts), ...tables.map(markdown), ...(sentences.length ? [list(sentences)] : [])];
  return `${parts.join('\n\n')}\n`;
}

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

function markdown({ title, rows }: Table): string {
  const [head = [], ...body] = rows;
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0), 2);
  const line = (row: readonly string[]) => {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(width(i)) : cell.padStart(width(i))));
    return `| ${cells.join(' | ')} |`;
  };
  const rule = `|${head.map((_, i) => (i === 0 ? '-'.repeat(width(i) + 2) : `${'-'.repeat(width(i) + 1)}:`)).join('|')}|`;
  return `**${title}**\n\n${[line(head), rule, ...body.map(line)].join('\n')}`;
}

/** A file of this folder that keeps reports. */
export interface Book {
  readonly file: string;
  readonly preface: string;
}

/** Reports of the CPU. */
export const results: Book = {
  file: 'RESULTS.md',
  preface: '# Results\n\nWritten by `npm run bench -- … --save`; README.md says what each figure means.\n',
};

/** Reports of GPUs, a section for each card. */
export const gpuResults: Book = {
  file: 'gpu.md',
  preface: '# On GPUs\n\nWritten by `npm run bench -- gpu --save`; README.md says what each figure means.\n',
};

/** Puts a section into a file, in place of the one with its title that was measured on such a CPU. */
export function save(text: string, { file: name, preface }: Book): void {
  const file = join(root, 'bench', name);
  const [, ...sections] = existsSync(file) ? readFileSync(file, 'utf8').split(sectionStart) : [''];
  writeFileSync(file, [preface, ...withSection(sections, text).map((part) => `${part.trim()}\n`)].join('\n'));
}

const sectionStart = /^(?=## )/m;

/** The sections with another, in place of its like, else behind the last one with its title. */
export function withSection(sections: readonly string[], text: string): string[] {
  const title = (section: string) => section.slice(0, section.indexOf('\n'));
  const cpu = (section: string) => /^- Machine: (.*?), \d+ cores?,/m.exec(section)?.[1];
  const alike = (section: string) => title(section) === title(text) && cpu(section) === cpu(text);
  const at = sections.findIndex(alike);
  if (at >= 0) return sections.with(at, text);
  const last = sections.findLastIndex((section) => title(section) === title(text));
  return sections.toSpliced(last < 0 ? sections.length : last + 1, 0, text);
}
