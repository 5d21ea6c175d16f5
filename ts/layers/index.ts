import { provide } from '../registry.ts';
import * as all from './all.ts';

export * from './all.ts';

provide('keras.layers', () => all);
