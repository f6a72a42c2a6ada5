import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { onEachHostLoop } from '../support/host-loops.js';

/** Returns what a program prints until it ends. */
function outputOf(program: string, ...args: string[]): string {
  const path = fileURLToPath(new URL(`../programs/${program}`, import.meta.url));
  return execFileSync(process.execPath, [path, ...args], { encoding: 'utf8', timeout: 30_000 });
}

onEachHostLoop('a process with a manager', (watcher) => {
  test.each([
    ['ends if nothing is registered', 'nothing-registered', 'exit\n'],
    ['stays alive until its registration ends', 'registered', 'ready\nexit\n'],
    ['ends after unref() in spite of a registration', 'unreferenced', 'exit\n'],
    ['ends after unref() of its registration', 'registration-unreferenced', 'exit\n'],
    ['ends after unref() and a rebuild of the poller', 'rebuilt', 'rebuilt\nexit\n'],
    ['stays alive until the signal of a pending once() aborts', 'once-aborted', 'AbortError\nexit\n'],
    ['goes on after run() until the last registration has ended', 'until-empty', 'ready\nready\nready\nempty\nexit\n'],
    ['stays alive until its timers were called', 'timers', 'first\nlast\nexit\n'],
    ['ends after unref() in spite of a timer', 'unreferenced-timer', 'exit\n'],
    ['handles exceptions of other code as usual', 'throws', 'as usual\nready\nexit\n'],
  ])('%s', (_, mode, output) => {
    expect(outputOf('run.mjs', mode)).toBe(output);
  });

  test('watches every type of fd without a thread, except that of the fallback, and can exit', () => {
    expect(outputOf('exit.mjs')).toBe(watcher === 'libuv' ? '\n' : 'em-host-thread\n');
  });
});
