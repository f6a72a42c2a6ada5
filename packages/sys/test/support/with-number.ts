import { closeSync } from 'node:fs';

/**
 * Makes a file that has `number`, which was closed. Threads of the runtime open and close files at any time: they leave
 * lower numbers free, and hold this one for a moment.
 */
export function withNumber<F extends { readonly fd: number; close(): void }>(number: number, make: () => F): F {
  for (let attempts = 0; attempts < 10_000; attempts++) {
    const lower: F[] = [];
    let file = make();
    while (file.fd < number) {
      lower.push(file);
      file = make();
    }
    for (const other of lower) {
      other.close();
    }
    if (file.fd === number) {
      return file;
    }
    file.close();
  }
  throw new Error(`fd ${number} stays open`);
}

/** Like `withNumber`, for a file without an object. */
export function openWithNumber(number: number, open: () => number): number {
  return withNumber(number, () => {
    const fd = open();
    return { fd, close: () => closeSync(fd) };
  }).fd;
}
