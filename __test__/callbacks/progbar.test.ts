import { Progbar, type ProgbarOptions } from 'fovea/utils';
import { expect, test } from 'vitest';
import { showDuration, showValue } from '../../ts/callbacks/progbar.ts';
import { cases } from '../layers/recordings.ts';

interface Recorded {
  name: string;
  target: number | null;
  width: number;
  verbose: 0 | 1 | 2;
  unitName: string;
  stateful: string[] | null;
  interactive: boolean;
  created: number;
  calls: { at: number; current: number; values: [string, number][]; finalize: boolean | null; output: string }[];
}

test.each(cases<Recorded>('progbar', 'progbar'))('$name is drawn as Keras draws it', (recorded) => {
  let clock = recorded.created;
  let drawn = '';
  const screen = {
    write: (text: string) => {
      drawn += text;
    },
    now: () => clock,
    interactive: recorded.interactive,
  };
  const { target, width, verbose, unitName, stateful } = recorded;
  const averages: Partial<ProgbarOptions> =
    stateful === null ? { statelessMetrics: [] } : { statefulMetrics: stateful };
  const bar = new Progbar({ target, width, verbose, unitName, ...averages }, screen);
  for (const { at, current, values, finalize, output } of recorded.calls) {
    clock = at;
    drawn = '';
    bar.update(current, values, finalize);
    expect(drawn).toBe(output);
  }
});

test('values are shown as Keras shows them', () => {
  for (const { value, text } of cases<{ value: number; text: string }>('progbar', 'numbers'))
    expect(showValue(value)).toBe(text);
});

test('durations are shown as Keras shows them', () => {
  for (const { secondsPerUnit, text } of cases<{ secondsPerUnit: number; text: string }>('progbar', 'durations'))
    expect(showDuration(secondsPerUnit, 'step')).toBe(text);
});

interface Fit {
  name: string;
  tick: number;
  steps: number;
  epochs: number;
  method: string;
  verbose: 0 | 1 | 2;
  interactive: boolean;
  updates: { current: number; values: [string, number][]; finalize: boolean | null }[];
  output: string;
}

test.each(cases<Fit>('progbar', 'fit'))('$name: a bar for each epoch makes Keras’s output', (recorded) => {
  const { steps, epochs, verbose, interactive, tick, method } = recorded;
  let clock = 1000;
  let drawn = '';
  const screen = {
    write: (text: string) => {
      drawn += text;
    },
    now: () => {
      const now = clock;
      clock += tick;
      return now;
    },
    interactive,
  };
  let bar: Progbar | null = null;
  let epoch = 0;
  for (const { current, values, finalize } of recorded.updates) {
    if (bar === null) {
      epoch++;
      if (method === 'fit' && epochs > 1 && verbose > 0) screen.write(`Epoch ${epoch}/${epochs}\n`);
      bar = new Progbar({ target: steps, verbose, statelessMetrics: [] }, screen);
    }
    bar.update(current, values, finalize);
    if (finalize) bar = null;
  }
  if (recorded.updates.length > 0) expect(drawn).toBe(recorded.output);
  else expect(recorded.output).toBe('');
});
