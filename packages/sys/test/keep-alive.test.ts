import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('programs/run.mjs', import.meta.url));

test.each([
  ['with nothing registered the process ends', 'nothing-registered', 'exit\n'],
  ['with a registration it stays until that has ended', 'registered', 'ready\nexit\n'],
  ['with a registration but unref() it ends', 'unreferenced', 'exit\n'],
  ['process.exit() in a callback returns at once', 'exits', 'ready\nexit\n'],
  ['exceptions elsewhere are the process’s own', 'throws', 'as usual\nready\nexit\n'],
])('%s', (_, mode, output) => {
  expect(execFileSync(process.execPath, [program, mode], { encoding: 'utf8', timeout: 30_000 })).toBe(output);
});
