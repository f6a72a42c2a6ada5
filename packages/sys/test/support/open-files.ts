import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect } from 'vitest';

/**
 * How many files this process has open, without modules: Node 20 leaves open what a worker was loading when it was
 * terminated.
 */
export function openFiles(): number {
  return readdirSync('/proc/self/fd').filter((fd) => !isModule(fd)).length;
}

function isModule(fd: string): boolean {
  try {
    return /\.m?js$/.test(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    // It was the folder itself, being read.
    return false;
  }
}

/** Has each test of the file leave as many files open as it found. */
export function expectNoFilesLeftOpen(): void {
  let before: number;
  beforeEach(() => {
    before = openFiles();
  });
  afterEach(() => {
    expect(openFiles()).toBe(before);
  });
}
