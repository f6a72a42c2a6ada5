import { checked } from '../addon/system-error.js';

/** Makes two fds by a system call that fills them in. */
export function openPair(syscall: string, open: (ends: Uint32Array) => number): [number, number] {
  const ends = new Uint32Array(2);
  checked(open(ends), syscall);
  return [...ends] as [number, number];
}
