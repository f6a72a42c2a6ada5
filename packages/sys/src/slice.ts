import { isUint8Array } from 'node:util/types';
import { checkInteger, invalidType } from '@em/core/check';

/** The most that one read(2) or write(2) moves, `MAX_RW_COUNT` of linux/fs.h: more is asked for in vain. */
const MAX_TRANSFER = 0x7fff_f000;

/**
 * Checks which part of a buffer to move, and returns its length.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it is no Uint8Array or the part is not
 * within it.
 */
export function checkSlice(buffer: unknown, offset: unknown, length: unknown): number {
  if (!isUint8Array(buffer)) {
    throw invalidType('buffer', 'a Uint8Array, such as a Buffer', buffer);
  }
  const from = checkInteger('offset', offset, 0, buffer.byteLength);
  const rest = buffer.byteLength - from;
  return Math.min(length === undefined ? rest : checkInteger('length', length, 0, rest), MAX_TRANSFER);
}
