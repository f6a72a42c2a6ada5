/** So many bytes, of which only those that are touched take memory. */
export function sparse(length: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(length, { maxByteLength: length }));
}
