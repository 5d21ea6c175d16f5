export * from './functions.ts';
export * from './get.ts';
