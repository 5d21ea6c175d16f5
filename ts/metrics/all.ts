export * from './accuracy.ts';
export * from './auc.ts';
export * from './confusion.ts';
export * from './f-score.ts';
export * from './iou.ts';
export * from './losses.ts';
export * from './reduction.ts';
export * from './regression.ts';
