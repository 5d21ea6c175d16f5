import { FoveaError } from '../errors.ts';
import { type DType, type Tensor, tensor } from '../tensor.ts';

/** What an IDX file's third byte stands for, as far as there is a dtype for it. */
const dtypes: Record<number, { dtype: DType; size: number }> = {
  8: { dtype: 'uint8', size: 1 },
  9: { dtype: 'int8', size: 1 },
  12: { dtype: 'int32', size: 4 },
  13: { dtype: 'float32', size: 4 },
};

/** No IDX file of the datasets here comes near it; a header that says more is broken. */
const mostBytes = 2 ** 30;

const bad = (name: string, sentence: string): FoveaError => new FoveaError('BAD_FILE', `${name}: ${sentence}`, name);

/**
 * The tensor in an IDX file.
 *
 * @param name the file, for messages
 * @throws FoveaError `BAD_FILE` if the header is none or the size is not what it says
 */
export function readIdx(name: string, bytes: Uint8Array): Tensor {
  if (bytes.length < 4) throw bad(name, `${bytes.length} bytes are too few for an IDX file.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [zero, code, rank] = [view.getUint16(0), view.getUint8(2), view.getUint8(3)];
  const type = dtypes[code];
  if (zero !== 0 || type === undefined || rank < 1 || rank > 8)
    throw bad(name, 'it does not begin as an IDX file does.');
  const header = 4 + 4 * rank;
  if (bytes.length < header) throw bad(name, 'it ends within its header.');
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const wanted = shape.reduce((n, side) => n * side, type.size);
  if (wanted > mostBytes) throw bad(name, `its header speaks of ${wanted} bytes, more than ${mostBytes} are not read.`);
  if (bytes.length !== header + wanted)
    throw bad(name, `shape [${shape}] needs ${wanted} bytes of data; it has ${bytes.length - header}.`);
  return tensor(elements(view, header, type.dtype, wanted / type.size), { shape });
}

/** The elements, which lie there with their high byte first. */
function elements(view: DataView, begin: number, dtype: DType, count: number) {
  const { buffer, byteOffset } = view;
  if (dtype === 'uint8') return new Uint8Array(buffer, byteOffset + begin, count);
  if (dtype === 'int8') return new Int8Array(buffer, byteOffset + begin, count);
  if (dtype === 'int32') return Int32Array.from({ length: count }, (_, i) => view.getInt32(begin + 4 * i));
  return Float32Array.from({ length: count }, (_, i) => view.getFloat32(begin + 4 * i));
}
