import { FoveaError } from 'fovea';
import { expect } from 'vitest';

/** The FoveaError that a call throws; the test fails if it throws nothing, or something else. */
export function thrown(call: () => unknown): FoveaError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(FoveaError);
    return error as FoveaError;
  }
  throw new Error('nothing was thrown');
}
