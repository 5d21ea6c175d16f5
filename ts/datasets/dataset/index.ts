export * from './dataset.ts';
export type { ElementLike, Tensors } from './element.ts';
export { DatasetIterator, type DatasetState } from './iterator.ts';
