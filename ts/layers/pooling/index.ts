export * from './global-pooling.ts';
export * from './pooling.ts';
