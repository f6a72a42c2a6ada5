import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, test } from 'vitest';
import { EventFd } from '../../src/index.js';

const program = new URL('../programs/forgotten.mjs', import.meta.url);

/** What became of an fd object that nobody held any more. */
interface Fate {
  readonly isOpen: boolean;
  readonly warnings: readonly unknown[];
}

const closedNow = {
  name: 'ForgottenFdWarning',
  code: 'EM_FORGOTTEN_FD',
  message: expect.stringMatching(/^EventFd with fd \d+ was garbage-collected without close\(\); it is closed now$/),
};
/** What the program prints, which loses everything once. */
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

  test('without having been closed is closed, with one warning', () => {
    expect(report['forgotten']).toEqual({ isOpen: false, warnings: [closedNow] });
  });

  test('after having been closed does nothing to whoever has its number now', () => {
    expect(report['closed']).toEqual({ reused: true, ...keptOpen });
  });

  test('after having been detached leaves the fd open', () => {
    expect(report['detached']).toEqual(keptOpen);
  });

  test('and was closed by its number is found out, and told', () => {
    expect(report['closedByNumber']?.warnings).toEqual([
      { ...closedNow, message: expect.stringMatching(/closing it failed with EBADF/) },
    ]);
  });

  test('is not one that is registered: that stays open, and still fires', () => {
    expect(report['registered']).toEqual({ ...keptOpen, calls: 1, file: 'anon_inode:[eventfd]' });
    expect(report['paused']).toEqual(keptOpen);
  });

  test('is one whose registration has ended', () => {
    expect(report['deleted']).toEqual({ isOpen: false, warnings: [closedNow] });
  });
});

const OPENED: Readonly<Record<string, number>> = {
  'manager of files whose poll consumes the event': 6,
  'manager whose fd was read': 3,
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
    'manager that was rebuilt',
    'manager with a registration of a number',
  ])('a %s that nobody has closed: its fds are closed, with one warning', (name) => {
    expect(report[name]).toEqual({
      opened: OPENED[name] ?? 2,
      left: 0,
      warnings: [{ ...closedNow, message: expect.stringMatching(/^EpollPoller with fd \d+ .*; it is closed now$/) }],
    });
  });

  test('a closed manager is no reason for a warning', () => {
    expect(report['closed manager']).toEqual({ opened: 0, left: 0, warnings: [] });
  });

  test('a manager that an fd object is registered with stays open as long as that is held', () => {
    expect(report['manager whose fd object is held']).toEqual({ opened: 2, left: 2, warnings: [] });
  });
});

test('in a worker, too: what has the number then is not closed at its end', async () => {
  const worker = new Worker(program, { stderr: true });
  const exit = once(worker, 'exit');
  const [{ report, fd }] = await once(worker, 'message');
  expect(report).toMatchObject({ forgotten: { isOpen: false, warnings: [closedNow] }, registered: { calls: 1 } });
  const mine: EventFd[] = [];
  do {
    mine.push(new EventFd());
  } while (mine.at(-1)?.fd !== fd && mine.length < 64);
  expect(mine.at(-1)?.fd).toBe(fd);
  worker.postMessage('end');
  await exit;
  expect(mine.at(-1)?.write()).toBe(true);
  expect(existsSync(`/proc/self/fd/${fd}`)).toBe(true);
  for (const eventFd of mine) {
    eventFd.close();
  }
});
