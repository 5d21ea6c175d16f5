import { fileURLToPath } from 'node:url';

/** Where a node was made. */
export interface Origin {
  /** The path of the layer it was made in (`model/conv2d_1`), or `''`. */
  readonly path: string;
  /** The user's line, `file:line:column`, or `''`; found when asked for. */
  readonly line: string;
}

let current: Origin = { path: '', line: '' };

/** Names made while `fn` runs belong to `where`; nested calls make a path: `model/conv2d_1`. */
export function withOrigin<T>(where: string, fn: () => T): T {
  const outer = current;
  current = { path: outer.path ? `${outer.path}/${where}` : where, line: '' };
  try {
    return fn();
  } finally {
    current = outer;
  }
}

/** The path of the layer whose `call` runs now, or `''`. */
export function currentPath(): string {
  return current.path;
}

/** Frames that are looked at: those of Fovea's own functions come first. */
const depth = 8;
const home = new URL('..', import.meta.url);
const ours = [home.href, fileURLToPath(home), 'node:'];

/** Keeps V8's raw frames; the text is made only when an error needs it. */
class Captured implements Origin {
  readonly path = '';
  declare readonly stack: string;

  constructor() {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = depth;
    Error.captureStackTrace(this, Captured);
    Error.stackTraceLimit = limit;
  }

  get line(): string {
    const frames = this.stack.split('\n').slice(1);
    const users = frames.find((frame) => !ours.some((place) => frame.includes(place)));
    return users?.replace(/^\s*at (?:.* \()?(?:file:\/\/)?/, '').replace(/\)$/, '') ?? '';
  }
}

/**
 * The origin of a node made now: the layer's path inside a layer, else the user's line if it is worth
 * some microseconds to remember.
 */
export function origin(line: boolean): Origin {
  return line && !current.path ? new Captured() : current;
}
