import { isUint8Array } from 'node:util/types';
import { checkInteger, invalidType, outOfRange } from '@em/core/check';

/** The most that one read(2) or write(2) moves, `MAX_RW_COUNT` of linux/fs.h: more is asked for in vain. */
const MAX_TRANSFER = 0x7fff_f000;

const typedArray: object = Object.getPrototypeOf(Uint8Array.prototype);
const byteLength = Object.getOwnPropertyDescriptor(typedArray, 'byteLength')?.get as (this: Uint8Array) => number;

/**
 * How many bytes an array has: by the getter that all of them inherit, for one of its own is code of the caller's. That
 * could close an fd whose number is in use here.
 */
export function byteLengthOf(bytes: Uint8Array): number {
  return byteLength.call(bytes);
}

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
  const size = byteLengthOf(checkBytes('buffer', buffer));
  const from = checkInteger('offset', offset, 0, size);
  const rest = size - from;
  return Math.min(length === undefined ? rest : checkInteger('length', length, 0, rest), MAX_TRANSFER);
}

/**
 * Checks which part of a buffer to fill, and returns its length. Into no bytes at all, every file reads 0, which stands
 * for the end.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it is no Uint8Array, or the part is not
 * within it or has no bytes.
 */
export function checkRoom(buffer: unknown, offset: unknown, length: unknown): number {
  const count = checkSlice(buffer, offset, length);
  if (count === 0) {
    throw outOfRange(length === 0 ? 'length' : 'buffer', 'room for at least one byte', count);
  }
  return count;
}
