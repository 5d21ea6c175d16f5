import { devices, type FoveaError, setDevice, tensor } from 'fovea';

const names = (await devices()).map(({ name }) => name);
const code = await setDevice('gpu').then(
  () => null,
  (error: FoveaError) => error.code,
);
console.log(JSON.stringify({ names, code, sum: await tensor([1, 2]).sum().item() }));
