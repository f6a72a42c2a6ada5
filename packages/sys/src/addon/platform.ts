import { closeSync, openSync, readSync } from 'node:fs';

/** As much of a program as has the name of its dynamic loader, after the headers. */
const HEAD_BYTES = 4096;

/** Whose C library this process runs on: by the dynamic loader that its program names. */
export function libcName(): 'glibc' | 'musl' | 'unknown libc' {
  const loader = /\/ld-(musl|linux)/.exec(headOf('/proc/self/exe'))?.[1];
  if (loader === undefined) {
    return 'unknown libc';
  }
  return loader === 'musl' ? 'musl' : 'glibc';
}

/** Such as `Node.js 24.21.0`, or `Bun 1.4.5`, which says that it is some Node.js as well. */
export function runtimeName(): string {
  const { bun, deno, node } = process.versions;
  if (bun !== undefined) {
    return `Bun ${bun}`;
  }
  return deno === undefined ? `Node.js ${node}` : `Deno ${deno}`;
}

function headOf(path: string): string {
  try {
    const fd = openSync(path, 'r');
    try {
      const bytes = new Uint8Array(HEAD_BYTES);
      return Buffer.from(bytes.buffer, 0, readSync(fd, bytes)).toString('latin1');
    } finally {
      closeSync(fd);
    }
  } catch {
    return ''; // there is no /proc, or it may not be read
  }
}
