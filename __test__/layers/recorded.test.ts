import { replay } from './replay.ts';

replay('layers_core', 'layers_merging', 'layers_normalization', 'layers_reshaping');
