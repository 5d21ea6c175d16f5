export * from './rescaling.ts';
