import { expect, test } from 'vitest';
import { type NativeBuffer, native } from '../../ts/native.ts';
import { ones, Variable, zeros } from '../../ts/tensor.ts';
import { floats } from './training.ts';

const MiB = 2 ** 20;
const inUse = () => native().memoryInfo().bufferBytes / MiB;

/** The most memory in use while `make` is called again and again, without a turn of the event loop. */
function most(times: number, make: (i: number) => unknown): number {
  const before = inUse();
  let most = 0;
  for (let i = 0; i < times; i++) {
    make(i);
    most = Math.max(most, inUse() - before);
  }
  return most;
}

const side = 512;

/** Tensors of 1 MiB that a loop makes. */
const times = 4000;

/**
 * The most of those MiB at a time. V8 looks for garbage after some 64 MiB, in steps beside the loop: between 15 and 225
 * lie there by then, more in a young process and on a busy machine. A loop that frees nothing has all of them.
 */
const bound = 300;

test('tensors that a synchronous loop drops are freed while it runs', () => {
  const row = ones([1, side]);
  expect(most(times, (i) => zeros([side, 1]).add(row.mul(i)).dataSync())).toBeLessThan(bound);
});

test('buffers that a synchronous loop drops are freed while it runs', () => {
  const type = native().internType('float32', [side, side]);
  expect(most(times, () => native().NativeBuffer.from(type, new Uint8Array(MiB)))).toBeLessThan(bound);
});

test('variables that a synchronous loop drops are freed while it runs', () => {
  const initial = floats([side, side], (i) => i);
  const before = initial.bytes();
  expect(
    most(times / 2, () => {
      const { weights } = { weights: new (native().NativeVariable)(initial) };
      weights.assign(native().NativeBuffer.from(initial.type, before));
    }),
  ).toBeLessThan(bound);
  expect(new Variable({ initial: zeros([2]), name: 'v' }).read().dataSync()).toEqual(Float32Array.of(0, 0));
});

test('a list holds its operands, and they are freed with it', () => {
  const lists = Array.from({ length: 40 }, (_, k) => new (native().NativeOperands)([floats([side, 8], () => k)]));
  const type = native().internType('float32', [side, side]);
  const bytes = new Uint8Array(MiB);
  expect(most(times, () => new (native().NativeOperands)([native().NativeBuffer.from(type, bytes)]))).toBeLessThan(
    bound,
  );
  lists.forEach(({ operands }, k) => {
    expect(new Float32Array((operands![0] as NativeBuffer).bytes().buffer)[7]).toBe(k);
  });
});

test('what is still held is not freed, however much garbage there is', () => {
  const kept = Array.from({ length: 40 }, (_, k) => floats([side, side], (i) => k + i / 7));
  most(1000, () => floats([side, 64], () => 0));
  kept.forEach((buffer, k) => {
    const values = new Float32Array(buffer.bytes().buffer);
    expect([values[0], values[7]]).toEqual([k, k + 1]);
    buffer.dispose();
    expect(buffer.byteLength).toBe(0);
  });
});
