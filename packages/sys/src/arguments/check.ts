import { isUint8Array } from 'node:util/types';
import { checkInteger, invalidType, outOfRange } from '@em/core/check';

// The checks throw TypeError `ERR_INVALID_ARG_TYPE` for a value of the wrong type, and RangeError `ERR_OUT_OF_RANGE`
// for a value of the right type that is not allowed.

const NUL = 0;
/** The most bytes that one read(2) or write(2) moves: `MAX_RW_COUNT` of linux/fs.h. */
const MAX_TRANSFER = 0x7fff_f000;

const typedArray: object = Object.getPrototypeOf(Uint8Array.prototype);
const byteLength = Object.getOwnPropertyDescriptor(typedArray, 'byteLength')?.get as (this: Uint8Array) => number;

/** Checks that a value can be a path, and returns its bytes. */
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

/**
 * Returns the number of bytes in an array, by the getter that all arrays inherit. A getter of the array itself would be
 * code of the caller, which could close an fd whose number is in use here.
 */
export function byteLengthOf(bytes: Uint8Array): number {
  return byteLength.call(bytes);
}

/** Checks that a value is a Uint8Array, and returns it. */
export function checkBytes(name: string, value: unknown): Uint8Array {
  if (!isUint8Array(value)) {
    throw invalidType(name, 'a Uint8Array, for example a Buffer', value);
  }
  return value;
}

/** Checks that a part of a buffer is within it, and returns the length of the part. */
export function checkSlice(buffer: unknown, offset: unknown, length: unknown): number {
  const size = byteLengthOf(checkBytes('buffer', buffer));
  const from = checkInteger('offset', offset, 0, size);
  const rest = size - from;
  return Math.min(length === undefined ? rest : checkInteger('length', length, 0, rest), MAX_TRANSFER);
}

/** Checks a part of a buffer that a read fills. It cannot be empty: reading no bytes returns 0, as at the end. */
export function checkRoom(buffer: unknown, offset: unknown, length: unknown): number {
  const count = checkSlice(buffer, offset, length);
  if (count === 0) {
    throw outOfRange(length === 0 ? 'length' : 'buffer', 'room for at least one byte', count);
  }
  return count;
}
