export * from './dense.ts';
export * from './einsum-dense.ts';
export * from './embedding.ts';
export * from './identity.ts';
export type { KernelOptions } from './kernel-layer.ts';
export * from './lambda.ts';
export * from './masking.ts';
