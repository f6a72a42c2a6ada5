import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../programs/profiled.mjs', import.meta.url));

test.each([
  ['--cpu-prof', 'main'],
  ['--cpu-prof', 'worker'],
  ['--prof', 'main'],
])('no signal of a profiler ends a wait: %s, %s thread', async (flag, thread) => {
  const cwd = mkdtempSync(join(tmpdir(), 'em-profile-'));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [flag, program, thread], { cwd, timeout: 50_000 });
    expect(stdout).toBe('0 timeout, 0 timeout, 1 events, 0 timeout\n');
  } finally {
    rmSync(cwd, { recursive: true });
  }
});
