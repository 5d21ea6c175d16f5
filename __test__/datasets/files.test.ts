import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { datasets } from 'fovea';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { fetchFile } from '../../ts/datasets/files.ts';

const bytes = Buffer.from('seven is a digit');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const file = { name: 'digits', sha256, path: 'digits.gz' };
let server: Server;
let asked: string[] = [];
let mirror = '';
let cache = '';
const before = process.env.FOVEA_CACHE;

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = request.url ?? '';
    asked.push(url);
    if (url === '/good/digits.gz') response.end(gzipSync(bytes));
    else if (url === '/plain/digits.gz') response.end(bytes);
    else if (url === '/wrong/digits.gz') response.end(gzipSync('eight is a digit'));
    else if (url === '/broken/digits.gz') response.end(gzipSync(bytes).subarray(0, 20));
    else if (url === '/slow/digits.gz') response.write('s');
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(async () => {
  asked = [];
  cache = await mkdtemp(join(tmpdir(), 'fovea-cache-'));
  process.env.FOVEA_CACHE = cache;
});

afterEach(async () => {
  if (before === undefined) delete process.env.FOVEA_CACHE;
  else process.env.FOVEA_CACHE = before;
  await rm(cache, { recursive: true });
});

const from = (...paths: string[]) => ({ local: [], mirrors: paths.map((path) => `${mirror}/${path}/`) });

test('a file is downloaded once, unpacked, and whole in the cache', async () => {
  expect(Buffer.from(await fetchFile('set', file, from('good')))).toEqual(bytes);
  expect(Buffer.from(await fetchFile('set', file, from('good')))).toEqual(bytes);
  expect(asked).toEqual(['/good/digits.gz']);
  expect(await readdir(join(cache, 'set'))).toEqual(['digits']);
  expect(await readFile(join(cache, 'set', 'digits'))).toEqual(bytes);
});

test('what is not packed is taken as it is', async () => {
  expect(Buffer.from(await fetchFile('set', file, from('plain')))).toEqual(bytes);
});

test('a mirror that fails, lies or breaks off is followed by the next', async () => {
  expect(Buffer.from(await fetchFile('set', file, from('missing', 'wrong', 'broken', 'good')))).toEqual(bytes);
  expect(asked).toHaveLength(4);
});

test('if all fail, the error says what each answered, and nothing is kept', async () => {
  const error = await fetchFile('set', file, from('missing', 'wrong')).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'IO' });
  expect((error as Error).message).toMatch(/404.*checksum is/);
  expect(await readdir(cache)).toEqual([]);
});

test('a spoilt file in the cache is replaced', async () => {
  await fetchFile('set', file, from('good'));
  await writeFile(join(cache, 'set', 'digits'), 'nonsense');
  expect(Buffer.from(await fetchFile('set', file, from('good')))).toEqual(bytes);
  expect(await readFile(join(cache, 'set', 'digits'))).toEqual(bytes);
});

test('a download can be aborted', async () => {
  const control = new AbortController();
  const run = fetchFile('set', file, { ...from('slow'), signal: control.signal });
  setTimeout(() => control.abort(new Error('no more')), 30);
  await expect(run).rejects.toMatchObject({ code: 'ABORTED', name: 'AbortError' });
  expect(await readdir(cache)).toEqual([]);
});

test('mnist comes from the package, with the shapes and counts it is known for', async () => {
  const { train, test: other } = await datasets.mnist.load({ mirrors: [] });
  expect([train.x.shape, train.y.shape]).toEqual([[60000, 28, 28, 1], [60000]]);
  expect([other.x.shape, other.y.shape]).toEqual([[10000, 28, 28, 1], [10000]]);
  expect([train.x.dtype, train.y.dtype]).toEqual(['uint8', 'uint8']);
  // The first labels, as every description of the data set gives them.
  expect([...(await train.y.slice(0, 10).data())]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
  expect([...(await other.y.slice(0, 10).data())]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
});
