export * from './merging.ts';
