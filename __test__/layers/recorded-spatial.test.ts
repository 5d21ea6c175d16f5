import { replay } from './replay.ts';

replay(
  'conv_sequences',
  'conv_volumes',
  'conv_transposed',
  'conv_transposed_volumes',
  'conv_depthwise',
  'conv_separable',
  'pool_windows',
  'pool_whole',
);
