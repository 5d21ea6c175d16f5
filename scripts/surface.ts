// Writes docs/keras.md, or the file that the argument names: all that Keras has, as it stands in Fovea. It fails for
// a difference that docs/differences.ts gives no reason for, and for a reason that speaks of nothing.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fovea from '../ts/index.ts';
import { compare, type Modules } from './surface/compare.ts';
import { FoveaTypes } from './surface/fovea.ts';
import { kerasSurface } from './surface/keras.ts';
import { page } from './surface/page.ts';
import { complaints } from './surface/reasons.ts';
import { fail, root } from './tools.mjs';

/** The page as it should be, what stands in its way, and the types that it was read from. */
export function surface(): { text: string; complaints: string[]; types: FoveaTypes } {
  const [keras, types] = [kerasSurface(), new FoveaTypes()];
  const rows = compare(keras, types, fovea as unknown as Modules);
  return { text: page(keras, rows, types), complaints: complaints(rows, types), types };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { text, complaints: found } = surface();
  if (found.length > 0) fail(`docs/differences.ts has no reason, or one too many:\n${found.join('\n')}`);
  writeFileSync(resolve(root, process.argv[2] ?? 'docs/keras.md'), text);
}
