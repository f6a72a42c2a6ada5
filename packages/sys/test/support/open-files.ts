import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect } from 'vitest';

/**
 * Returns how many files this process has open. Modules do not count: Node 20 leaves open the module that a worker was
 * loading when it was terminated.
 */
export function openFiles(): number {
  return readdirSync('/proc/self/fd').filter((fd) => !isModule(fd)).length;
}

function isModule(fd: string): boolean {
  try {
    return /\.m?js$/.test(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    // This was the folder that is being read.
    return false;
  }
}

/** Checks that each test of the file leaves as many files open as it found. */
export function expectNoFilesLeftOpen(): void {
  let before: number;
  beforeEach(() => {
    before = openFiles();
  });
  afterEach(() => {
    expect(openFiles()).toBe(before);
  });
}
