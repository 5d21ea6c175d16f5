// npm run test:neon: the kernels' Rust tests as 64-bit ARM runs them, on any Linux machine: Zig links
// and QEMU runs. It is slow and both want installing, so `npm test` leaves it out. Arguments go to
// cargo: `npm run test:neon -- -p fovea-graph --lib conformance::cpu`.
import { existsSync } from 'node:fs';
import { fail, output, requireTools, run } from './tools.mjs';

const target = 'aarch64-unknown-linux-musl';
// The programs are linked statically: no ARM libraries have to be here, and either build of QEMU will do.
const emulator = ['qemu-aarch64', 'qemu-aarch64-static'].find((name) => output(name, ['--version']));

requireTools();
if (!emulator) fail('QEMU is missing: `apt-get install qemu-user-static` brings it.');
if (!output('cargo-zigbuild', ['--version'])) fail('Zig is missing: `pip install cargo-zigbuild` brings it.');
const library = output('rustc', ['--print', 'target-libdir', '--target', target]);
if (!library || !existsSync(library.trim()))
  fail(`Rust's library is missing: \`rustup target add ${target}\` brings it.`);

const what = process.argv.length > 2 ? process.argv.slice(2) : ['-p', 'fovea-kernels', '--lib', '--tests'];
process.exitCode = await run('cargo-zigbuild', ['test', '--no-fail-fast', '--target', target, ...what], {
  env: { CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUNNER: emulator },
});
