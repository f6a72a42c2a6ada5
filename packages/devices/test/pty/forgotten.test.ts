import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../programs/forgotten.mjs', import.meta.url));

test('a pty that is garbage-collected while its child runs is closed with a warning, which ends the child', () => {
  const output = execFileSync(process.execPath, [PROGRAM], { encoding: 'utf8', timeout: 30_000, stdio: 'pipe' });
  expect(JSON.parse(output)).toEqual({
    warnings: [
      {
        code: 'EM_FORGOTTEN_FD',
        message: expect.stringMatching(/^Pty with fd \d+ was garbage-collected without close\(\); it is closed now$/),
      },
    ],
    signal: 'SIGHUP',
    finished: { exitCode: null, signal: 'SIGHUP' },
  });
});
