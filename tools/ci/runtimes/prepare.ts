import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { bundleSmoke, copyBuilt } from './smoke.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the smoke suite. */
    readonly smoke: string;
  }
}

/** Prepares the smoke suite, once for all runtimes. */
export function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'em-runtimes-'));
  copyBuilt(folder);
  bundleSmoke(folder);
  provide('smoke', folder);
  return () => rmSync(folder, { recursive: true });
}
