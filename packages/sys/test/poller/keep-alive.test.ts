import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { onEachHostLoop } from '../support/host-loops.js';

/** What a program prints until it ends. */
function outputOf(program: string, ...args: string[]): string {
  const path = fileURLToPath(new URL(`../programs/${program}`, import.meta.url));
  return execFileSync(process.execPath, [path, ...args], { encoding: 'utf8', timeout: 30_000 });
}

onEachHostLoop('a process with a manager', (watcher) => {
  test.each([
    ['with nothing registered the process ends', 'nothing-registered', 'exit\n'],
    ['with a registration it stays until that has ended', 'registered', 'ready\nexit\n'],
    ['with a registration but unref() it ends', 'unreferenced', 'exit\n'],
    ['with unref() it ends also after the poller was rebuilt', 'rebuilt', 'rebuilt\nexit\n'],
    ['with a pending once() it stays until its signal aborts', 'once-aborted', 'AbortError\nexit\n'],
    ['exceptions elsewhere are the process’s own', 'throws', 'as usual\nready\nexit\n'],
  ])('%s', (_, mode, output) => {
    expect(outputOf('run.mjs', mode)).toBe(output);
  });

  test('that watches every type of fd has no thread but Node’s own, and the fallback’s, and can exit', () => {
    expect(outputOf('exit.mjs')).toBe(watcher === 'libuv' ? '\n' : 'em-host-thread\n');
  });
});
