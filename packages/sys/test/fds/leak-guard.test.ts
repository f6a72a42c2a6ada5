import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, test } from 'vitest';
import { EventFd } from '../../src/index.js';
import { withNumber } from '../support/with-number.js';

const program = new URL('../programs/forgotten.mjs', import.meta.url);

/** What happened to an fd object without references. */
interface Fate {
  readonly isOpen: boolean;
  readonly warnings: readonly unknown[];
}

const closedNow = {
  name: 'ForgottenFdWarning',
  code: 'EM_FORGOTTEN_FD',
  message: expect.stringMatching(/^EventFd with fd \d+ was garbage-collected without close\(\); it is closed now$/),
};
/** Returns what the program prints. It loses one object of each kind. */
function reportOf<Fates>(): Fates {
  const output = execFileSync(process.execPath, [fileURLToPath(program)], {
    encoding: 'utf8',
    timeout: 30_000,
    stdio: 'pipe',
  });
  return JSON.parse(output);
}

const keptOpen: Fate = { isOpen: true, warnings: [] };

describe('an fd object that is garbage-collected', () => {
  let report: Record<string, Fate>;

  beforeAll(() => {
    report = reportOf();
  });

  test('before close() is closed, with one warning', () => {
    expect(report['forgotten']).toEqual({ isOpen: false, warnings: [closedNow] });
  });

  test('after close() does nothing to the file that has its number now', () => {
    expect(report['closed']).toEqual(keptOpen);
  });

  test('after detach() leaves the fd open', () => {
    expect(report['detached']).toEqual(keptOpen);
  });

  test('and whose number was closed reports EBADF in the warning', () => {
    expect(report['closedByNumber']?.warnings).toEqual([
      { ...closedNow, message: expect.stringMatching(/closing it failed with EBADF/) },
    ]);
  });

  test('is never a registered one: that stays open, and its callback is still called', () => {
    expect(report['registered']).toEqual({ ...keptOpen, calls: 1, file: 'anon_inode:[eventfd]' });
    expect(report['paused']).toEqual(keptOpen);
  });

  test('is closed if its registration has ended', () => {
    expect(report['deleted']).toEqual({ isOpen: false, warnings: [closedNow] });
  });
});

const OPENED: Readonly<Record<string, number>> = {
  'manager of files whose poll consumes the event': 6,
  'manager whose fd was read': 3,
  'manager that was in another one': 3,
};

describe('the poller of an event manager that is garbage-collected', () => {
  let report: Record<string, { opened: number; left: number; warnings: unknown[] }>;

  beforeAll(() => {
    report = reportOf();
  });

  test.each([
    'poller',
    'manager',
    'manager with a waker',
    'manager after run()',
    'manager of files whose poll consumes the event',
    'manager whose fd was read',
    'manager that was in another one',
    'manager that was rebuilt',
    'manager with a registration of a number',
  ])('%s, not closed before: its fds are closed, with one warning', (name) => {
    expect(report[name]).toEqual({
      opened: OPENED[name] ?? 2,
      left: 0,
      warnings: [{ ...closedNow, message: expect.stringMatching(/^EpollPoller with fd \d+ .*; it is closed now$/) }],
    });
  });

  test('a closed manager causes no warning', () => {
    expect(report['closed manager']).toEqual({ opened: 0, left: 0, warnings: [] });
  });

  test('a manager stays open as long as an fd object that is registered with it is referenced', () => {
    expect(report['manager whose fd object is held']).toEqual({ opened: 2, left: 2, warnings: [] });
  });
});

test('in a worker, the file that reuses the number of a forgotten fd object is not closed at its end', async () => {
  const worker = new Worker(program, { stderr: true });
  const exit = once(worker, 'exit');
  const [{ report, fd }] = await once(worker, 'message');
  expect(report).toMatchObject({ forgotten: { isOpen: false, warnings: [closedNow] }, registered: { calls: 1 } });
  using mine = withNumber(fd, () => new EventFd());
  worker.postMessage('end');
  await exit;
  expect(mine.write()).toBe(true);
  expect(existsSync(`/proc/self/fd/${fd}`)).toBe(true);
});
