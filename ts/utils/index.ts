export { Progbar, type ProgbarOptions, type Screen } from '../callbacks/progbar.ts';
export * from './to-categorical.ts';
