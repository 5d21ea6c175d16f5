import { expect, test } from 'vitest';
import { child } from './child.ts';

/** What `terminating.ts` prints. */
interface Left {
  sum: string;
  bufferBytes: number;
  buffers: number;
}

async function left(...args: string[]): Promise<Left> {
  const end = await child('terminating.ts', args, { seconds: 110 });
  expect(end, end.output).toMatchObject({ code: 0, signal: null, late: false });
  return JSON.parse(end.output);
}

const epochs = '60';
let alone: Promise<Left> | undefined;

test.each([
  ['terminated at random', '15', 'terminate'],
  ['that call process.exit', '4', 'exit'],
])(
  'workers %s leave nothing behind, and training beside them gives the same bits',
  async (_, rounds, way) => {
    alone ??= left('0', epochs, 'terminate');
    const { sum, bufferBytes } = await left(rounds, epochs, way);
    const reference = await alone;
    expect(sum).toBe(reference.sum);
    // One worker's weights and data are more.
    expect(bufferBytes).toBeLessThan(reference.bufferBytes + 1e6);
  },
  120_000,
);
