import { fs } from '../builtins.js';

/** The number of bytes at the start of a program that contain the name of its dynamic loader. */
const HEAD_BYTES = 4096;

/** Returns the C library of this process, by the dynamic loader that the program names. */
export function libcName(): 'glibc' | 'musl' | 'unknown libc' {
  const loader = /\/ld-(musl|linux)/.exec(headOf('/proc/self/exe'))?.[1];
  if (loader === undefined) {
    return 'unknown libc';
  }
  return loader === 'musl' ? 'musl' : 'glibc';
}

/** Returns, for example, `Node.js 24.21.0` or `Bun 1.4.5`. Bun and Deno have a version of Node.js as well. */
export function runtimeName(): string {
  const { bun, deno, node } = process.versions;
  if (bun !== undefined) {
    return `Bun ${bun}`;
  }
  return deno === undefined ? `Node.js ${node}` : `Deno ${deno}`;
}

function headOf(path: string): string {
  try {
    const fd = fs.openSync(path, 'r');
    try {
      const bytes = new Uint8Array(HEAD_BYTES);
      return Buffer.from(bytes.buffer, 0, fs.readSync(fd, bytes)).toString('latin1');
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return ''; // there is no /proc, or the process must not read it
  }
}
