// What every script needs: where the repository is, whether Node and Rust are there, how to run a
// program. Only Node itself is used here, since these scripts run before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** @param {string} path relative to the repository */
export const read = (path) => readFileSync(join(root, path), 'utf8');

/**
 * Whether version `a` is at least version `b`, comparing as many parts as `b` has.
 * @param {string} a
 * @param {string} b
 */
function atLeast(a, b) {
  const have = a.split('.').map(Number);
  const wanted = b.split('.').map(Number);
  for (const [i, n] of wanted.entries()) {
    const m = have[i] ?? 0;
    if (m !== n) return m > n;
  }
  return true;
}

/**
 * One sentence about what is missing to build Fovea, or `null` if all is there.
 * @param {{ node: string, rustc: string | null, cargo: boolean }} found versions as the tools print them
 * @param {{ node: string, rust: string }} needed
 */
export function complaint(found, needed) {
  const missing = [];
  const rustc = found.rustc?.match(/\d+\.\d+(\.\d+)?/)?.[0];
  if (!atLeast(found.node, needed.node)) missing.push(`Node ${needed.node} or newer (this is ${found.node})`);
  if (!rustc || !found.cargo)
    missing.push(`Rust ${needed.rust} or newer (no cargo was found; https://rustup.rs installs it)`);
  else if (!atLeast(rustc, needed.rust))
    missing.push(`Rust ${needed.rust} or newer (this is ${rustc}; \`rustup update\` brings it)`);
  return missing.length ? `Fovea is built here and needs ${missing.join(' and ')}.` : null;
}

/** The versions package.json and Cargo.toml ask for. */
export function needed() {
  const node = JSON.parse(read('package.json')).engines.node.replace('>=', '');
  const rust = read('Cargo.toml').match(/rust-version = "(.+)"/)?.[1] ?? '';
  return { node, rust };
}

/**
 * What a program prints, or `null` if it is not there or fails.
 * @param {string} program
 * @param {string[]} args
 */
export function output(program, args) {
  const { status, stdout } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout : null;
}

/** Ends the script with one sentence if Node or Rust is missing or too old. */
export function requireTools() {
  const cargo = output('cargo', ['--version']) !== null;
  const rustc = output('rustc', ['--version']);
  const sentence = complaint({ node: process.versions.node, rustc, cargo }, needed());
  if (sentence) fail(sentence);
}

/**
 * The triple of this machine, given to every cargo call: napi passes one, and cargo keeps what is
 * built with and without a triple apart, so that everything would be compiled twice.
 */
export function hostTriple() {
  return output('rustc', ['-vV'])?.match(/host: (\S+)/)?.[1] ?? fail('rustc does not say which machine this is.');
}

/**
 * The arguments that run a command of an installed package with Node itself (no shell, no `.cmd`).
 * @param {string} pkg
 * @param {string} [command]
 */
export function bin(pkg, command = pkg) {
  const { bin: bins } = JSON.parse(read(`node_modules/${pkg}/package.json`));
  return join(root, 'node_modules', pkg, typeof bins === 'string' ? bins : bins[command]);
}

/**
 * Runs a program with this terminal's input and output, or with `tee` hears what it prints.
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, quiet?: boolean, tee?: (text: string) => void }} [options]
 * @returns {Promise<number>} its exit code
 */
export function run(program, args, { env = {}, quiet = false, tee } = {}) {
  const out = tee || quiet ? 'pipe' : 'inherit';
  const err = quiet ? 'pipe' : 'inherit';
  const child = spawn(program, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['inherit', out, err] });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      if (!quiet) process.stdout.write(text);
      tee?.(text);
    });
  }
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/**
 * Ends the script with one sentence.
 * @param {string} sentence
 * @returns {never}
 */
export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
