import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect } from 'vitest';

/** How many files this process has open. */
export function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
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
