// Brings the npm packages and the crates onto this machine, when they are not there yet.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fail, hostTriple, root, run } from './tools.mjs';

/** @param {string} path */
const modified = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const offline =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|[Cc]ould(?:n't| not) (?:resolve|connect)|network failure|Timeout was reached/;

/**
 * Runs an installer silently; ends the script with one sentence if it fails.
 * @param {string} what
 * @param {string} host
 * @param {string} program
 * @param {string[]} args
 */
async function fetch(what, host, program, args) {
  let said = '';
  const code = await run(program, args, {
    quiet: true,
    tee: (text) => {
      said += text;
    },
  });
  if (code === 0) return;
  if (offline.test(said)) fail(`Fovea's ${what} could not be downloaded: ${host} cannot be reached from here.`);
  console.error(said.trimEnd());
  fail(`Fovea's ${what} could not be installed; the reason stands above.`);
}

/** Installs what the lock files name. */
export async function install() {
  if (modified('package-lock.json') > modified('node_modules/.package-lock.json')) {
    console.log('Installing npm packages …');
    // Nothing we use needs an install script, and a missing network shall be told in seconds.
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retry-mintimeout=500'];
    args.push('--fetch-retry-maxtimeout=2000');
    const npm = process.env.npm_execpath;
    const host = 'the npm registry';
    if (npm?.endsWith('npm-cli.js')) await fetch('npm packages', host, process.execPath, [npm, ...args]);
    else if (process.platform === 'win32') await fetch('npm packages', host, 'cmd', ['/c', 'npm', ...args]);
    else await fetch('npm packages', host, 'npm', args);
  }
  await fetch('crates', 'crates.io', 'cargo', ['fetch', '--target', hostTriple()]);
}
