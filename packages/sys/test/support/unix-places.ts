import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-unix-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A path for a socket that nobody has, in a folder that goes with the tests of this file. */
export const inFolder = (): string => join(folder, randomUUID());

/** An abstract name that nobody has. */
export const abstract = (): string => `\0em-${randomUUID()}`;
