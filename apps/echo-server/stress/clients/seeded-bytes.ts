import { mix } from './random.ts';

/** Maximum number of bytes that it makes at once. */
export const MAX_BYTES: number = 64 * 1024;
const WORD_BYTES = Uint32Array.BYTES_PER_ELEMENT;

/**
 * Makes the bytes of streams. Each stream has a seed, and its bytes can be made from any position on, so that a client need
 * not keep the bytes that are under way.
 */
export class SeededBytes {
  readonly #words = new Uint32Array(MAX_BYTES / WORD_BYTES + 1);
  /** The bytes that were made last. */
  readonly bytes: Buffer = Buffer.from(this.#words.buffer);

  /**
   * Makes a piece of a stream.
   *
   * @param length - At most {@link MAX_BYTES}.
   * @returns Its position in {@link SeededBytes.bytes}.
   */
  make(seed: number, position: number, length: number): number {
    const first = Math.floor(position / WORD_BYTES);
    const start = position % WORD_BYTES;
    const count = Math.ceil((start + length) / WORD_BYTES);
    for (let i = 0; i < count; i++) {
      this.#words[i] = mix((seed + first + i) | 0);
    }
    return start;
  }

  /** Whether a buffer begins with the bytes of a stream from a position on. */
  isThere(seed: number, position: number, buffer: Buffer, length: number): boolean {
    const start = this.make(seed, position, length);
    return this.bytes.compare(buffer, 0, length, start, start + length) === 0;
  }
}
