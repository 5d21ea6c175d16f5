export * from './orthogonal.ts';
export * from './penalties.ts';
