import { describe, expect, test } from 'vitest';
import { duels, duelsTable, nearest } from '../../bench/harness/duel.ts';
import type { Variant } from '../../bench/harness/variants.ts';

/** A side that says how long its steps took, and ends at its so-manieth request. */
function side(name: string, { seconds = 1, params = 10, value = 0.5, end = Number.POSITIVE_INFINITY } = {}): Variant {
  const code = `
    const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
    say({ ready: true, version: '${name} 1', params: ${params} });
    let asked = 0;
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      if (++asked === ${end}) { console.error('Error: no more'); process.exit(1); }
      const { steps } = JSON.parse(line);
      say({ seconds: ${seconds} * steps, value: ${Number.isNaN(value) ? 'null' : value}, peakRssMB: 100 });
    });`;
  return { name, program: { command: process.execPath, args: ['-e', code] } };
}

const turns = { rounds: 4, steps: 3, idle: 1 };
const silent = () => undefined;

describe('each side meets Fovea alone', () => {
  test('ratios, and the best side', async () => {
    const others = [side('fovea again'), side('slow', { seconds: 2 }), side('fast', { seconds: 0.5 })];
    const found = await duels(side('fovea'), others, turns, silent);
    expect(found.others.map(({ name, ratio, times }) => [name, ratio, times.length])).toEqual([
      ['fovea again', 1, 4],
      ['slow', 2, 4],
      ['fast', 0.5, 4],
    ]);
    expect(found.fovea.times).toEqual(Array(12).fill(1000));
    expect(nearest(found.others, (name) => !name.startsWith('fovea'))?.name).toBe('fast');
  });

  test('a side that is far behind has two rounds', async () => {
    const found = await duels(side('fovea'), [side('snail', { seconds: 3.1 })], turns, silent);
    expect(found.others.map(({ ratio, times }) => [ratio.toFixed(2), times.length])).toEqual([['3.10', 2]]);
  });

  test('Fovea is measured alone where nobody else is there', async () => {
    const found = await duels(side('fovea'), [], turns, silent);
    expect(found.fovea.times).toHaveLength(4);
  });

  test('sides that cannot be measured are told with their reasons, and stand in the table', async () => {
    const absent = { name: 'absent', program: { command: 'no-such-command', args: [] } };
    const killed = {
      name: 'killed',
      program: { command: process.execPath, args: ['-e', 'process.kill(process.pid, 9)'] },
    };
    const others = [
      side('other', { params: 11 }),
      side('dying', { end: 3 }),
      side('lost', { value: Number.NaN }),
      absent,
      killed,
      side('good'),
    ];
    const found = await duels(side('fovea'), others, turns, silent);
    expect(found.failed).toEqual([
      { name: 'other', reason: 'other has 11 parameters, not 10: this is another network.' },
      { name: 'dying', reason: 'dying ended: Error: no more' },
      { name: 'lost', reason: 'lost computed null.' },
      { name: 'absent', reason: expect.stringContaining('ENOENT') },
      { name: 'killed', reason: expect.stringContaining('SIGKILL') },
    ]);
    expect(found.others.map(({ name }) => name)).toEqual(['good']);
    const { rows } = duelsTable('net', found);
    expect(rows.filter((row) => row.at(-1) === 'failed').map(([name]) => name)).toEqual(
      found.failed.map(({ name }) => name),
    );
  });

  test('there is nothing to say if Fovea itself fails', async () => {
    await expect(duels(side('fovea', { end: 1 }), [], turns, silent)).rejects.toThrow('fovea ended: Error: no more');
  });
});
