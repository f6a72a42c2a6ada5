import { isUint8Array } from 'node:util/types';
import { invalidType, outOfRange } from '@em/core/check';

const NUL = 0;

/**
 * Checks that a value can be a path, and returns its bytes.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it cannot.
 */
export function checkPath(path: unknown): Uint8Array {
  const bytes = typeof path === 'string' ? Buffer.from(path) : path;
  if (!isUint8Array(bytes)) {
    throw invalidType('path', 'a string or a Uint8Array', path);
  }
  if (Uint8Array.prototype.includes.call(bytes, NUL)) {
    throw outOfRange('path', 'without a NUL', path);
  }
  return bytes;
}
