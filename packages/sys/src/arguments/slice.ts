import { isUint8Array } from 'node:util/types';
import { checkInteger, invalidType } from '@em/core/check';

/** The most that one read(2) or write(2) moves, `MAX_RW_COUNT` of linux/fs.h: more is asked for in vain. */
const MAX_TRANSFER = 0x7fff_f000;

/**
 * Checks that a value is a Uint8Array, and returns it.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE` if it is not.
 */
export function checkBytes(name: string, value: unknown): Uint8Array {
  if (!isUint8Array(value)) {
    throw invalidType(name, 'a Uint8Array, such as a Buffer', value);
  }
  return value;
}

/**
 * Checks which part of a buffer to move, and returns its length.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it is no Uint8Array or the part is not
 * within it.
 */
export function checkSlice(buffer: unknown, offset: unknown, length: unknown): number {
  const { byteLength } = checkBytes('buffer', buffer);
  const from = checkInteger('offset', offset, 0, byteLength);
  const rest = byteLength - from;
  return Math.min(length === undefined ? rest : checkInteger('length', length, 0, rest), MAX_TRANSFER);
}
