export * from './reshaping.ts';
