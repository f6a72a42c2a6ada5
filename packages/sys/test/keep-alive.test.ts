import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { onEachHostLoop } from './host-loops.js';

const program = fileURLToPath(new URL('programs/run.mjs', import.meta.url));

onEachHostLoop('a process with a manager', () => {
  test.each([
    ['with nothing registered the process ends', 'nothing-registered', 'exit\n'],
    ['with a registration it stays until that has ended', 'registered', 'ready\nexit\n'],
    ['with a registration but unref() it ends', 'unreferenced', 'exit\n'],
    ['with unref() it ends also after the poller was rebuilt', 'rebuilt', 'rebuilt\nexit\n'],
    ['process.exit() in a callback returns at once', 'exits', 'ready\nexit\n'],
    ['exceptions elsewhere are the process’s own', 'throws', 'as usual\nready\nexit\n'],
  ])('%s', (_, mode, output) => {
    expect(execFileSync(process.execPath, [program, mode], { encoding: 'utf8', timeout: 30_000 })).toBe(output);
  });
});
