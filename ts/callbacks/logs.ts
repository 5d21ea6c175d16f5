import type { MetricName } from '../metrics/get.ts';

/** What a log holds: a number, or, of a metric whose result has axes, nested arrays of them. */
export type LogValue = number | readonly LogValue[];

/** Names of logs that whoever asks for them knows to be there. */
type Usual = 'loss' | 'accuracy' | 'acc';

/** Names of logs that hold one number, unless somebody calls a metric of their own so. */
type Single = Exclude<MetricName, 'f1Score' | 'fBetaScore' | 'r2Score'> | 'learningRate';

type OfEpoch<Name extends string> = Name | `val${Capitalize<Name>}`;

/** By the names of logs, `One` for those that hold one number and `Any` for all others. */
type ByLog<One, Any> = Record<OfEpoch<Usual>, One> & { [Name in OfEpoch<Single>]?: One | undefined } & {
  [name: `${string}${'Loss' | 'Accuracy' | 'Acc'}`]: One | undefined;
} & { [name: string]: One | Any | undefined };

/** The values of an epoch or a batch, by name. Metrics of one's own, and scores of each class, may hold several. */
export type Logs = ByLog<number, LogValue>;

/** The values of all epochs, by name. */
export type Columns = ByLog<number[], LogValue[]>;

/** The numbers of a log, one after the other. */
const numbersOf = (value: LogValue): readonly number[] =>
  typeof value === 'number' ? [value] : value.flatMap(numbersOf);

/** The mean of a log's numbers. */
export function meanOf(value: LogValue): number {
  const numbers = numbersOf(value);
  return numbers.reduce((a, b) => a + b, 0) / numbers.length;
}
