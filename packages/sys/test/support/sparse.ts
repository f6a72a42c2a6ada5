import { constants } from 'node:buffer';

/** What is missing on Node 20 for tests of sizes that do not fit into 32 bits. */
export const LACK_OF_LENGTH = constants.MAX_LENGTH > 2 ** 32 ? undefined : 'no arrays beyond 4 GiB';

/** So many bytes, of which only those that are touched take memory. */
export function sparse(length: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(length, { maxByteLength: length }));
}
