import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect, vi } from 'vitest';

/** The files that this process has open: `fd target`, as `/proc/self/fd` shows them. */
export type OpenFiles = ReadonlySet<string>;

/**
 * Returns the files that are open. Modules do not count: Node 20 leaves open the module that a worker was loading when
 * it was terminated.
 */
export function openFiles(): OpenFiles {
  const listed = readdirSync('/proc/self/fd').map((fd) => `${fd} ${targetOf(fd)}`);
  return new Set(listed.filter((file) => !/ $|\.m?js$/.test(file)));
}

/** Returns an empty string for the folder that was being read. */
function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

/**
 * Checks how many more files are open than before. Threads of the runtime open files for a moment at any time, such as
 * the list of the CPUs; therefore this waits until the number is right, and ignores files with a path that are gone.
 */
export async function expectOpened(before: OpenFiles, count = 0): Promise<void> {
  await vi.waitFor(() => {
    const after = openFiles();
    const opened = [...after].filter((file) => !before.has(file));
    const closed = [...before].filter((file) => !after.has(file) && !/^\d+ \//.test(file));
    expect(opened.length - closed.length, `opened: ${opened.join(', ')}; closed: ${closed.join(', ')}`).toBe(count);
  });
}

/** Checks that each test of the file leaves open the files that it found open, and no others. */
export function expectNoFilesLeftOpen(): void {
  let before: OpenFiles;
  beforeEach(() => {
    before = openFiles();
  });
  afterEach(() => expectOpened(before));
}
