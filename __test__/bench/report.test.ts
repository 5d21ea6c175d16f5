import { expect, test } from 'vitest';
import { withSection } from '../../bench/harness/report.ts';

const section = (title: string, cpu: string, text: string) =>
  `## ${title}\n\n- Command: \`x\`\n- Machine: ${cpu}, 2 cores, 24 GiB of memory\n\n${text}\n`;

test('a report stands in for the one of its kind that was measured on such a CPU, and beside those of others', () => {
  const kept = [section('Steps', 'A (family 1)', 'old'), section('Steps', 'B', 'old'), section('Memory', 'B', 'old')];
  const again = section('Steps', 'B', 'new');
  expect(withSection(kept, again)).toEqual([kept[0], again, kept[2]]);
  const other = section('Steps', 'A (family 2)', 'new');
  expect(withSection(kept, other)).toEqual([kept[0], kept[1], other, kept[2]]);
  const first = section('Start-up', 'A (family 1)', 'new');
  expect(withSection(kept, first)).toEqual([...kept, first]);
  expect(withSection([], first)).toEqual([first]);
});
