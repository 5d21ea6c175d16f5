// A class without recorded outputs of Keras does not compile: the compiler finds it here, by its name.
import type {
  activations,
  callbacks,
  constraints,
  initializers,
  layers,
  losses,
  metrics,
  optimizers,
  regularizers,
} from 'fovea';
import recorded from '../recordings/classes.json' with { type: 'json' };

/** Classes that no recording is about, and why. */
export const exceptions = {
  layers: {
    Input: 'it makes a symbolic tensor and computes nothing; summary.json has its names and shapes',
    InputLayer: 'it computes nothing; summary.json has its names and shapes',
    Lambda: 'it computes what it is given: __test__/layers has it',
    Pipeline: 'it calls the layers it is given: __test__/layers has it',
  },
  losses: {
    LossFunctionWrapper: 'a base class: the losses that are built on it are recorded',
  },
  metrics: {
    MeanMetricWrapper: 'a base class: the metrics that are built on it are recorded',
  },
  optimizers: {},
  schedules: {},
  callbacks: {
    History: 'fit.json has the logs that it keeps',
    LambdaCallback: 'callbacks.json has the order in which hooks are called',
    ProgbarLogger: 'progbar.json has what it writes',
    RemoteMonitor: 'it sends logs to a server: __test__/callbacks has one',
    SwapEMAWeights: 'callbacks.json has the averages that it swaps in',
    TensorBoard: 'callbacks.json has the records of its files',
    TerminateOnNaN: 'callbacks.json has the runs that it ends',
  },
  initializers: {},
  regularizers: {},
  constraints: {},
  activations: {
    get: 'no activation',
    hardSwish: 'the same function as hardSilu',
    serialize: 'no activation',
    swish: 'the same function as silu',
  },
} as const;

type Recorded = typeof recorded;
type Exceptions = typeof exceptions;

/** The classes among a module's exports that `new` can make; base classes are abstract. */
type Classes<M> = {
  [K in keyof M]: M[K] extends new (...args: never[]) => unknown ? K : never;
}[keyof M];
type Functions<M> = { [K in keyof M]: M[K] extends (...args: never[]) => unknown ? K : never }[keyof M];

/** `true` if each name is recorded or excepted and none is both, else the names that are not. */
type Covered<Names, Known, Excepted> = [Exclude<Names, Known | Excepted>] extends [never]
  ? [Extract<Excepted, Known> | Exclude<Excepted, Names>] extends [never]
    ? true
    : { 'needs no exception': Extract<Excepted, Known> | Exclude<Excepted, Names> }
  : { 'not in the recordings': Exclude<Names, Known | Excepted> };

/** An activation as Keras writes it. */
type Camel<S> = S extends `${infer A}_${infer B}` ? `${A}${Capitalize<Camel<B> & string>}` : S;

/** Whether all of a module is recorded: one that is not cannot be `true`. */
export const covered: {
  layers: Covered<Classes<typeof layers>, keyof Recorded['layers'], keyof Exceptions['layers']>;
  losses: Covered<Classes<typeof losses>, keyof Recorded['losses'], keyof Exceptions['losses']>;
  metrics: Covered<Classes<typeof metrics>, keyof Recorded['metrics'], keyof Exceptions['metrics']>;
  optimizers: Covered<Classes<typeof optimizers>, keyof Recorded['optimizers'], keyof Exceptions['optimizers']>;
  schedules: Covered<
    Classes<typeof optimizers.schedules>,
    keyof Recorded['optimizers.schedules'],
    keyof Exceptions['schedules']
  >;
  callbacks: Covered<Classes<typeof callbacks>, keyof Recorded['callbacks'], keyof Exceptions['callbacks']>;
  initializers: Covered<Classes<typeof initializers>, keyof Recorded['initializers'], keyof Exceptions['initializers']>;
  regularizers: Covered<Classes<typeof regularizers>, keyof Recorded['regularizers'], keyof Exceptions['regularizers']>;
  constraints: Covered<Classes<typeof constraints>, keyof Recorded['constraints'], keyof Exceptions['constraints']>;
  activations: Covered<
    Functions<typeof activations>,
    Camel<keyof Recorded['activations']>,
    keyof Exceptions['activations']
  >;
} = {
  layers: true,
  losses: true,
  metrics: true,
  optimizers: true,
  schedules: true,
  callbacks: true,
  initializers: true,
  regularizers: true,
  constraints: true,
  activations: true,
};
