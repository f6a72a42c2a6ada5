import { isMainThread } from 'node:worker_threads';
import { binding } from './binding.js';

const BITS_PER_WORD = 32;
/** The kernel's default ceiling for fd numbers, `sysctl_nr_open` in fs/file.c: 128 kB of bits, taken as they are used. */
const FDS = 1 << 20;

/**
 * The fds that the objects of this thread own. A worker can be terminated at any moment and has no chance to close them;
 * the addon does, from these bits. In the main thread that is left to the end of the process.
 */
let bits: Uint32Array | undefined;

/** Notes that an fd is owned. */
export function enter(fd: number): void {
  if (!isMainThread && fd < FDS) {
    bits ??= open();
    bits[fd >>> 5] = (bits[fd >>> 5] ?? 0) | (1 << (fd & 31));
  }
}

/** Notes that it is not any more. To be called before it is closed, for its number may be another thread's at once. */
export function strike(fd: number): void {
  if (bits !== undefined && fd < FDS) {
    bits[fd >>> 5] = (bits[fd >>> 5] ?? 0) & ~(1 << (fd & 31));
  }
}

function open(): Uint32Array {
  const words = new Uint32Array(FDS / BITS_PER_WORD);
  binding().closeAtEnd(words);
  return words;
}
