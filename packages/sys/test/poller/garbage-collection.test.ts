import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { onEachHostLoop } from '../support/host-loops.js';

const program = fileURLToPath(new URL('../programs/collected.mjs', import.meta.url));

onEachHostLoop('run()', () => {
  test('a manager that nothing holds but its run() is not collected, nor are its registrations', () => {
    expect(execFileSync(process.execPath, ['--expose-gc', program], { encoding: 'utf8', timeout: 30_000 })).toBe(
      'served 1n\n',
    );
  });
});
