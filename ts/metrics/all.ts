export * from './accuracy.ts';
export * from './losses.ts';
export * from './reduction.ts';
