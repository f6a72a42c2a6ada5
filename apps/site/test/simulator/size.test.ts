import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundleSimulator } from '../../simulator/bundle.ts';

const MOST_BYTES = 40_000;

test('the simulator is one file, and small', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'epoll-live-'));
  try {
    await bundleSimulator(folder);
    const program = readFileSync(join(folder, 'epoll-live.js'), 'utf8');
    expect(program).not.toMatch(/^import |\bimport\(/m);
    expect(gzipSync(program).length).toBeLessThan(MOST_BYTES);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
