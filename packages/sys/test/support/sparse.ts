import { constants } from 'node:buffer';

/** What Node 20 lacks for tests of sizes beyond 32 bits. */
export const LACK_OF_LENGTH = constants.MAX_LENGTH > 2 ** 32 ? undefined : 'no arrays beyond 4 GiB';

/** Makes an array that uses memory only for the bytes that are touched. */
export function sparse(length: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(length, { maxByteLength: length }));
}
