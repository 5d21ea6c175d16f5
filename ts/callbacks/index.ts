export { Callback, type CallbackLike, type Hooks, type Logs, type Params } from './callback.ts';
export { EarlyStopping, type EarlyStoppingOptions } from './early-stopping.ts';
export { type Columns, History } from './history.ts';
export { LambdaCallback } from './lambda.ts';
export { ProgbarLogger } from './progbar-logger.ts';
