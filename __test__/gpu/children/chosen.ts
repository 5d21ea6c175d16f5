import { tensor } from 'fovea';
import { native } from '../../../ts/native.ts';

const sum = await tensor([1, 2, 3]).sum().item();
console.log(JSON.stringify({ sum, onDevice: native().memoryInfo().deviceBytes > 0 }));
