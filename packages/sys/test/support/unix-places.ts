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

/** Returns an unused path for a socket, in a folder that is removed after the tests of this file. */
export const inFolder = (): string => join(folder, randomUUID());

/** Returns an unused abstract name. */
export const abstract = (): string => `\0em-${randomUUID()}`;
