import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../programs/run-vitest.mjs', import.meta.url));

test.each(['threads', 'forks'])(
  'waits and timers work under the fake timers of vitest in the pool %s',
  async (pool) => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, pool], { timeout: 50_000 });
    expect(stdout).toBe('passed,passed,passed\n');
  },
);
