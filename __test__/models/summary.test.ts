import { layers, Model, Sequential, type Tensor, zeros } from 'fovea';
import { afterEach, describe, expect, test } from 'vitest';
import { clearNames } from '../../ts/layers/naming.ts';
import { cases } from '../layers/recordings.ts';
import { branched, mnist, nested, normalized, notebook, several, shared } from './networks.ts';

interface SummaryCase {
  name: string;
  columns: number;
  lineLength: number | null;
  showTrainable: boolean;
  expandNested: boolean;
  text: string;
}

class Perceptron extends Model {
  hidden = new layers.Dense(8, { activation: 'relu' });
  head = new layers.Dense(3);

  override call(x: Tensor): Tensor {
    return this.head(this.hidden(x));
  }
}

function frozen(): Sequential {
  const model = notebook();
  model.layers[0]!.trainable = false;
  return model;
}

function perceptron(): Perceptron {
  const model = new Perceptron();
  model(zeros([2, 4]));
  return model;
}

/** How to build what the recorder built, by the name of its case. */
const networks: Record<string, () => Model> = {
  mnist,
  'mnist in 80 columns': mnist,
  'mnist line length 70': mnist,
  notebook,
  'unbuilt sequential': () => notebook(false),
  'empty sequential': () => new Sequential(),
  branched,
  'branched in 80 columns': branched,
  'two inputs and outputs': several,
  'shared layer': shared,
  'batch normalization': normalized,
  'frozen layer': frozen,
  'frozen layer, shown': frozen,
  nested,
  'nested, expanded': nested,
  subclassed: perceptron,
};

const { COLUMNS } = process.env;
afterEach(() => {
  if (COLUMNS === undefined) delete process.env.COLUMNS;
  else process.env.COLUMNS = COLUMNS;
});

describe('summary prints what Keras prints', () => {
  const built = cases<SummaryCase>('summary').filter(({ name }) => name in networks);
  test.each(built)('$name', (recorded) => {
    clearNames();
    const model = networks[recorded.name]!();
    process.env.COLUMNS = String(recorded.columns);
    let text = '';
    model.summary({
      printFn: (printed) => {
        text += printed;
      },
      lineLength: recorded.lineLength ?? undefined,
      showTrainable: recorded.showTrainable,
      expandNested: recorded.expandNested,
    });
    expect(text).toBe(recorded.text);
  });
});

test('a model that its first data built takes batches of any size, and says so', () => {
  clearNames();
  const recorded = cases<SummaryCase>('summary').find(({ name }) => name === 'built by call')!;
  const model = notebook(false);
  model(zeros([2, 28, 28, 1]));
  let text = '';
  model.summary({
    printFn: (printed) => {
      text = printed;
    },
    lineLength: 88,
  });
  // Keras shows the batch size of that first call, for which alone it builds the model.
  const plain = (table: string) => table.replaceAll(/ +/g, ' ');
  expect(plain(text)).toBe(plain(recorded.text.replaceAll('(2, ', '(None, ')));
});
