export { serialize } from '../registry.ts';
export * from './constraint.ts';
export * from './get.ts';
export * from './norms.ts';
