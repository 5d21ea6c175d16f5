// Computes, each of them twice, a wide convolution with its gradients, a depthwise one, a product, and poolings.
import { gradients, ops, Variable } from 'fovea';

const x = new Variable({ initial: ops.ones([2, 16, 16, 32]) });
const w = new Variable({ initial: ops.ones([3, 3, 32, 64]) });
for (let i = 0; i < 2; i++) {
  const y = ops.conv(x, w, { padding: 'same' });
  for (const gradient of gradients(y.square().sum(), [x, w])) await gradient.data();
  await ops.depthwiseConv(x, ops.ones([3, 3, 32, 1]), { strides: 2, padding: 'same' }).data();
  await ops.matmul(ops.ones([5, 7]), ops.ones([7, 3])).data();
  for (const gradient of gradients(ops.maxPool(x, 2).sum(), [x])) await gradient.data();
  await ops.averagePool(x, 3, { strides: 2, padding: 'same' }).data();
}
console.log('computed');
