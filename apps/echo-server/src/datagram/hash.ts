const PRIME = 0x0100_0193;

/** Hashes bytes with FNV-1a. Returns an unsigned number of 32 bits. */
export function hashBytes(seed: number, bytes: Uint8Array, length: number): number {
  let hash = seed;
  for (let i = 0; i < length; i++) {
    hash = Math.imul(hash ^ (bytes[i] ?? 0), PRIME);
  }
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The same for a text. */
export function hashText(seed: number, text: string): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  }
  return (hash ^ (hash >>> 16)) >>> 0;
}
