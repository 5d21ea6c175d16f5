export type { AffineOptions } from './affine.ts';
export * from './batch-normalization.ts';
export * from './group-normalization.ts';
export * from './layer-normalization.ts';
export * from './spectral-normalization.ts';
export { UnitNormalization, type UnitNormalizationOptions } from './unit-normalization.ts';
