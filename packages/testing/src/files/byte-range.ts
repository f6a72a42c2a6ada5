import { checkInteger } from '@em/core/check';

/** The part of a buffer that a read fills or a write takes, with its bounds checked. */
export function byteRange(buffer: Uint8Array, offset: number, length: number | undefined): Uint8Array {
  checkInteger('offset', offset, 0, buffer.length);
  const rest = buffer.length - offset;
  return buffer.subarray(offset, offset + checkInteger('length', length ?? rest, 0, rest));
}
