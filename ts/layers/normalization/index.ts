export * from './batch-normalization.ts';
