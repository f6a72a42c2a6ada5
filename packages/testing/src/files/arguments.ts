import { checkInteger, invalidType, outOfRange } from '@em/core/check';

/** Whether a value is a Uint8Array, of this realm or another. */
export function isBytes(value: unknown): value is Uint8Array {
  return Object.prototype.toString.call(value) === '[object Uint8Array]';
}

/** Returns the part of a buffer that a write takes. */
export function partOf(buffer: Uint8Array, offset: number, length: number | undefined): Uint8Array {
  if (!isBytes(buffer)) {
    throw invalidType('buffer', 'a Uint8Array, for example a Buffer', buffer);
  }
  const rest = buffer.length - checkInteger('offset', offset, 0, buffer.length);
  return buffer.subarray(offset, offset + checkInteger('length', length ?? rest, 0, rest));
}

/** Returns the part of a buffer that a read fills. It cannot be empty: reading no bytes returns 0, as at the end. */
export function roomIn(buffer: Uint8Array, offset: number, length: number | undefined): Uint8Array {
  const part = partOf(buffer, offset, length);
  if (part.length === 0) {
    throw outOfRange(length === 0 ? 'length' : 'buffer', 'room for at least one byte', 0);
  }
  return part;
}
