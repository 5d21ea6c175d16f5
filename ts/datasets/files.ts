import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzip } from 'node:zlib';
import { FoveaError } from '../errors.ts';

/** A file of a dataset. */
export interface RemoteFile {
  /** Its name in the cache. */
  readonly name: string;
  /** What the bytes hash to, unpacked. */
  readonly sha256: string;
  /** Its path below a mirror; may be packed by gzip. */
  readonly path: string;
}

/** How a file is found. */
export interface FetchOptions {
  /** Where it may lie already, tried in order after the cache. */
  readonly local: readonly string[];
  /** Addresses of mirrors, tried in order. */
  readonly mirrors: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that are read at most: a mirror that sends more sends something else. */
const most = 2 ** 30;

/** Where downloads are kept: what `FOVEA_CACHE` names, else `~/.cache/fovea`. */
export function cacheFolder(): string {
  return process.env.FOVEA_CACHE || join(homedir(), '.cache', 'fovea');
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const isMissing = (error: unknown): boolean => (error as { code?: string }).code === 'ENOENT';

async function existing(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw new FoveaError('IO', `${path} cannot be read: ${(error as Error).message}`, path, { cause: error });
  }
}

/** Unpacks bytes if they are packed. */
export async function unpacked(name: string, bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: most }, (error, result) => {
      if (error)
        reject(new FoveaError('BAD_FILE', `${name}: it cannot be unpacked: ${error.message}.`, name, { cause: error }));
      else resolve(result);
    });
  });
}

/** Puts a file into the cache, whole or not at all. */
async function keep(path: string, bytes: Uint8Array): Promise<void> {
  const half = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(half, bytes);
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true });
    throw new FoveaError('IO', `${path} cannot be written: ${(error as Error).message}`, path, { cause: error });
  }
}

async function download(url: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const response = await fetch(url, signal === undefined ? {} : { signal });
  if (!response.ok || response.body === null) throw new Error(`${response.status} ${response.statusText}`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > most) throw new Error(`more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/**
 * The bytes of a file: from the cache, from where it lies already, or from a mirror; then it goes into the
 * cache. What does not hash as it should is not taken.
 *
 * @param folder the dataset's folder in the cache
 * @throws FoveaError `IO` if no mirror has it, naming what each answered; `BAD_FILE`; `ABORTED`
 */
export async function fetchFile(folder: string, file: RemoteFile, options: FetchOptions): Promise<Uint8Array> {
  const cached = join(cacheFolder(), folder, file.name);
  for (const path of [cached, ...options.local.map((base) => join(base, file.name))]) {
    const bytes = await existing(path);
    if (bytes !== null && sha256(bytes) === file.sha256) return bytes;
  }
  const answers: string[] = [];
  for (const mirror of options.mirrors) {
    const url = new URL(file.path, mirror).href;
    try {
      const bytes = await unpacked(url, await download(url, options.signal));
      const hash = sha256(bytes);
      if (hash !== file.sha256) throw new Error(`its checksum is ${hash}, not ${file.sha256}`);
      await keep(cached, bytes);
      return bytes;
    } catch (error) {
      if (options.signal?.aborted)
        throw new FoveaError('ABORTED', `The download of ${file.name} was aborted.`, folder, {
          cause: options.signal.reason,
        });
      if (error instanceof FoveaError && error.code === 'IO') throw error;
      const { message, cause } = error as Error;
      answers.push(`${url}: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`);
    }
  }
  throw new FoveaError(
    'IO',
    `${file.name} is neither in ${dirname(cached)} nor could it be downloaded. ${answers.join('; ')}. ` +
      `Check the network, or put the unpacked file there.`,
    folder,
  );
}
