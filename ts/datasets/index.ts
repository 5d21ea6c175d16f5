export * from './dataset/index.ts';
export * as mnist from './mnist.ts';
