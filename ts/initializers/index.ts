export { serialize } from '../registry.ts';
export * from './all.ts';
export * from './get.ts';
export * from './initializer.ts';
