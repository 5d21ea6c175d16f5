import { setDevice } from 'fovea';
import { network, pictures } from '../networks.ts';

await setDevice('gpu');
const model = network('mnist');
const { x, y } = pictures('mnist', 640);
await model.fit(x, y, {
  batchSize: 16,
  epochs: 100,
  verbose: 0,
  callbacks: {
    onTrainBatchEnd(batch: number) {
      if (batch < 3) return;
      console.log('training');
      process.exit(0);
    },
  },
});
