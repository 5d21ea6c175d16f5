export * from './time-distributed.ts';
export * from './wrapper.ts';
