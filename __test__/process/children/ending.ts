// Begins work that is still going on when the process ends in the way that the argument names.
import { native } from '../../../ts/native.ts';
import { epoch, step, training } from '../training.ts';

const [way] = process.argv.slice(2);
const addon = native();
const t = training();
const forever = { steps: 0, collect: false } as const;

function endless(onStep?: () => Promise<boolean>) {
  const source = addon.NativeSource.queue();
  const data = epochData();
  const feed = async (): Promise<void> => {
    while (await source.push(t.plan, [data, ...t.operands]));
  };
  void feed();
  return addon.runEpoch({ source, ...forever, ...(onStep && { onStep }) });
}

function epochData() {
  const type = addon.internType('float32', [64, 256]);
  return addon.NativeBuffer.from(type, new Uint8Array(4 * 64 * 256));
}

/** Work of every kind, none of it finished. */
function everything(): void {
  void endless();
  void endless(async () => false);
  void addon.runEpoch({ source: epoch(training(), 400), ...forever, onProgress: () => undefined });
  void addon.runEpoch({ source: addon.NativeSource.queue(), ...forever });
  for (let i = 0; i < 50; i++) void t.plan.run([epochData(), ...t.operands]);
  for (let rows = 1; rows < 9; rows++) void addon.compile(step(rows), 'cpu');
}

switch (way) {
  case 'natural':
    await addon.runEpoch({ source: epoch(t, 50), ...forever, onStep: async () => false, onBegin: async () => false });
    await addon.compile(step(3), 'cpu');
    console.log('done');
    break;
  case 'exit':
    everything();
    setTimeout(() => process.exit(7), 30);
    break;
  case 'exit-at-once':
    everything();
    process.exit(7);
    break;
  case 'exit-in-hook':
    void endless(async () => process.exit(7));
    break;
  case 'uncaught':
    everything();
    setTimeout(() => {
      throw new Error('on purpose');
    }, 30);
    break;
  case 'rejected':
    everything();
    setTimeout(() => void Promise.reject(new Error('on purpose')), 30);
    break;
  default:
    throw new Error(`no such way to end: ${way}`);
}
