import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../programs/cycles.mjs', import.meta.url));

test('100,000 cycles of add, wait and delete leave memory flat and no fd behind', () => {
  const out = execFileSync(process.execPath, ['--expose-gc', program, '100000']);
  const { calls, early, late } = JSON.parse(out.toString());
  expect(calls).toBe(100_000);
  expect(late.fds).toBe(early.fds);
  // 90,000 registrations kept would be some 10 MB; a flat heap wobbles by some kB.
  expect(late.heap - early.heap).toBeLessThan(500_000);
});
