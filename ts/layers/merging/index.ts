export * from './concatenate.ts';
export * from './dot.ts';
export * from './merging.ts';
