// npm run bench -- <benchmark>, or all of them that take minutes: measures, prints the report in Markdown, and keeps it with --save.
import { busy } from './busy.ts';
import { compare } from './compare.ts';
import { fit } from './fit.ts';
import { floor } from './floor.ts';
import { gpu } from './gpu.ts';
import { revision } from './harness/machine.ts';
import { type Options, readOptions, takesLong, usage } from './harness/options.ts';
import { type Benchmark, gpuResults, results, save, section } from './harness/report.ts';
import { infer } from './infer.ts';
import { isa } from './isa.ts';
import { memory } from './memory.ts';
import { mixedPrecision } from './mixed.ts';
import { nets } from './nets.ts';
import { profile } from './profile.ts';
import { scaling } from './scaling.ts';
import { startup } from './startup.ts';
import { step } from './step.ts';

const cpu = { step, fit, startup, memory, busy, nets, infer, scaling, isa, mixed: mixedPrecision, compare, floor };
const benchmarks: Readonly<Record<string, Benchmark>> = { ...cpu, gpu, profile };
/** `all` takes minutes and a CPU: what takes hours, needs a GPU, or looks inside is asked for by name. */
const inAll = (name: string): boolean => name in cpu && !takesLong(name);

function options(): Options {
  try {
    const read = readOptions(process.argv.slice(2));
    if (read.benchmark === 'all' || read.benchmark in benchmarks) return read;
    throw new Error(`There is no benchmark '${read.benchmark}'.`);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(1);
  }
}

const wanted = options();
// What was built: a commit may come while it is measured.
const built = revision();
for (const [name, benchmark] of Object.entries(benchmarks)) {
  if (wanted.benchmark === 'all' ? !inAll(name) : wanted.benchmark !== name) continue;
  try {
    const text = await section(benchmark, wanted, built);
    console.log(text);
    if (wanted.save) save(text, name === 'gpu' ? gpuResults : results);
  } catch (error) {
    // The others of `all` can be measured all the same.
    console.error(`${name} was not measured: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
