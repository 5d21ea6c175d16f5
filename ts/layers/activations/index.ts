export * from './activation.ts';
export * from './rectifiers.ts';
