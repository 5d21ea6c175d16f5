// A worker thread that runs TypeScript: on Node 20 the loader does not reach it by itself.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.file);
