export * from './dropout.ts';
