// Runs tests of @em/sys while the kernel refuses system calls that old kernels lack: with ENOSYS, as those kernels do, and
// with EPERM, as containers do that are older than the call. `refuse-calls.c` lists the calls.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { declareTests } from '../runtimes/results.ts';
import { runTests } from '../runtimes/suite.ts';

const ROOT = join(import.meta.dirname, '../../..');
const LAUNCHER = join(ROOT, 'packages/sys/test/programs/refuse-calls.c');
/** Files whose path contains one of these. The tests of the native calls make the refused calls on purpose. */
const TESTS = ['contract', 'epoll-', 'keep-alive', 'run', 'signals', 'waker', 'worker-threads'].map(
  (name) => `poller/${name}`,
);
TESTS.push('audit/', 'event-manager', 'fds/', 'inotify/', 'sockets/');
/** Without recvmmsg a batch holds one datagram. `refused-calls.test.ts` shows that all arrive. */
const NEED_BATCHES = '--exclude=**/sockets/batch/**';

for (const code of ['ENOSYS', 'EPERM'] as const) {
  const errno = constants.errno[code];
  const folder = mkdtempSync(join(tmpdir(), 'em-old-kernels-'));
  const launcher = join(folder, 'refuse-calls');
  execFileSync('cc', ['-o', launcher, LAUNCHER]);
  const refused = execFileSync(launcher, [String(errno)], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');
  test.each(refused)('the kernel refuses %s', (outcome) => {
    expect(outcome).toMatch(new RegExp(` ${errno}$`));
  });

  const config = join(ROOT, 'vitest.config.ts');
  const results = await runTests([launcher, String(errno), process.execPath], config, [...TESTS, NEED_BATCHES]);
  rmSync(folder, { recursive: true });
  // Nothing replaces a pidfd, so tests that need one end with an error that says so.
  const clear = new RegExp(`${code}: .*, pidfd_(open: it needs Linux|send_signal)`);
  const needing = results.filter(({ status, output }) => status === 'failed' && clear.test(output ?? ''));
  test(`what needs a pidfd ends with an error that names the missing call: ${code}`, () => {
    expect(needing.length).toBeGreaterThan(0);
  });
  declareTests(
    `without new system calls, ${code}:`,
    results.filter((result) => !needing.includes(result)),
  );
}
