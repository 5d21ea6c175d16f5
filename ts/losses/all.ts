export * from './circle.ts';
export * from './crossentropy.ts';
export * from './ctc.ts';
export * from './divergence.ts';
export * from './focal.ts';
export * from './hinge.ts';
export * from './overlap.ts';
export * from './regression.ts';
