export * from './conv2d.ts';
