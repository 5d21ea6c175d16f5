import type { callbacks } from 'fovea';

export type Logs = callbacks.Logs;

/** A log's name as Keras spells it: `valLoss` → `val_loss`. */
export const snakeOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
