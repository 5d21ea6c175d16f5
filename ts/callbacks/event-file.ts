import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** CRC-32C of each byte. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** The checksum of a TFRecord: CRC-32C, rotated and shifted so that checksums of checksums differ. */
export function maskedCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Bytes as a record of a TFRecord file. */
export function record(payload: Uint8Array): Uint8Array {
  const framed = Buffer.alloc(payload.length + 16);
  framed.writeBigUInt64LE(BigInt(payload.length), 0);
  framed.writeUInt32LE(maskedCrc(framed.subarray(0, 8)), 8);
  framed.set(payload, 12);
  framed.writeUInt32LE(maskedCrc(payload), payload.length + 12);
  return framed;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

/** A field of a protocol buffer whose length goes before it. */
const field = (number: number, bytes: Uint8Array): Buffer =>
  Buffer.from([number * 8 + 2, ...varint(bytes.length), ...bytes]);

const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));

function fixed64(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = number * 8 + 1;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

function fixed32(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = number * 8 + 5;
  bytes.writeFloatLE(value, 1);
  return bytes;
}

/** A scalar as TensorBoard's event: wall time in seconds, step, and a summary with one tag. */
export function scalarEvent(time: number, step: number, tag: string, value: number): Uint8Array {
  const summary = field(1, Buffer.concat([text(1, tag), fixed32(2, value)]));
  const stepField = Buffer.from([2 * 8, ...varint(step)]);
  return Buffer.concat([fixed64(1, time), stepField, field(5, summary)]);
}

let files = 0;

/** A file of events that TensorBoard reads. */
export class EventFile {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Makes a file with a name of its own in a folder. */
  static async create(folder: string): Promise<EventFile> {
    await mkdir(folder, { recursive: true });
    const seconds = Math.floor(Date.now() / 1000);
    const name = `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${files++}.v2`;
    const file = new EventFile(await open(join(folder, name), 'wx'));
    await file.#file.write(record(Buffer.concat([fixed64(1, Date.now() / 1000), text(3, 'brain.Event:2')])));
    return file;
  }

  /** Appends scalars of one step. */
  async write(step: number, scalars: readonly (readonly [tag: string, value: number])[]): Promise<void> {
    const time = Date.now() / 1000;
    await this.#file.write(Buffer.concat(scalars.map(([tag, value]) => record(scalarEvent(time, step, tag, value)))));
  }

  /** Closes it. */
  close(): Promise<void> {
    return this.#file.close();
  }
}
