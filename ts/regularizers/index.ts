export * from './get.ts';
export * from './penalties.ts';
export * from './regularizer.ts';
