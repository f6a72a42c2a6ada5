import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventManager, EventSet, PidFd } from '../../src/index.js';
import { raises } from '../support/raises.js';

let manager: EventManager;
let seen: string[];
let child: ChildProcess | undefined;

beforeEach(() => {
  manager = new EventManager();
  seen = [];
});

afterEach(() => {
  manager.close();
  child?.kill('SIGKILL');
  child = undefined;
});

/** Starts a shell and watches it. Node reaps it only when this thread returns to its event loop. */
function start(script: string): PidFd {
  child = spawn('sh', ['-c', script], { stdio: 'ignore' });
  const pidFd = new PidFd(child.pid ?? 0);
  manager.add(pidFd, EventSet.IN | EventSet.OUT, (events) => {
    seen.push(EventSet.format(events));
  });
  return pidFd;
}

/** Waits, also if a SIGCHLD interrupts: that of this child, or of the one before. */
function waitOut(): number {
  let dispatched: number;
  do {
    dispatched = manager.wait(10_000);
  } while (manager.lastWait.cause === 'interrupt');
  return dispatched;
}

test('IN is reported when the process has ended, and exitStatus() returns its status', () => {
  using pidFd = start('exit 7');
  expect(waitOut()).toBe(1);
  expect(seen).toEqual(['IN']);
  expect(pidFd.exitStatus()).toEqual({ exitCode: 7, signal: null });
});

test('nothing is reported and exitStatus() returns undefined while the process runs', () => {
  using pidFd = start('exec sleep 60');
  expect(manager.wait(0)).toBe(0);
  expect(pidFd.exitStatus()).toBeUndefined();
});

test.each(['SIGTERM', constants.signals.SIGTERM] as const)(
  'sendSignal(%s) ends the process by that signal',
  (signal) => {
    using pidFd = start('exec sleep 60');
    expect(pidFd.sendSignal(0)).toBe(true);
    expect(manager.wait(0)).toBe(0);
    expect(pidFd.sendSignal(signal)).toBe(true);
    expect(waitOut()).toBe(1);
    expect(pidFd.exitStatus()).toEqual({ exitCode: null, signal: 'SIGTERM' });
  },
);

test('exitStatus() returns the number of a signal without a name', () => {
  using pidFd = start('exec sleep 60');
  pidFd.sendSignal(50);
  waitOut();
  expect(pidFd.exitStatus()).toEqual({ exitCode: null, signal: 50 });
});

test('after Node has reaped a child, it has no status and cannot be signalled', async () => {
  using pidFd = start('exit 7');
  waitOut();
  pidFd.exitStatus();
  expect(pidFd.sendSignal('SIGTERM')).toBe(true);
  expect(await once(child as ChildProcess, 'exit')).toEqual([7, null]);
  expect(pidFd.exitStatus()).toBeUndefined();
  expect(pidFd.sendSignal('SIGTERM')).toBe(false);
  expect(manager.wait(0)).toBe(1);
});

test('run() reports the end of a child, and so does Node', async () => {
  using pidFd = start('exit 7');
  manager.delete(pidFd.fd);
  const run = manager.run();
  const exit = once(child as ChildProcess, 'exit');
  // The event loop decides whether the child is reaped by then, which adds HANG_UP.
  expect(EventSet.has(await manager.once(pidFd, EventSet.IN), EventSet.IN)).toBe(true);
  expect(await exit).toEqual([7, null]);
  manager.stop();
  await run;
});

test('a process that is not a child has no status, whether it runs or not', () => {
  using pidFd = new PidFd(process.pid);
  expect(pidFd.sendSignal(0)).toBe(true);
  expect(pidFd.exitStatus()).toBeUndefined();
});

test('a PidFd of a process that does not exist throws ESRCH', async () => {
  using _pidFd = start('exit 0');
  const pid = child?.pid ?? 0;
  await once(child as ChildProcess, 'exit');
  expect(raises(() => new PidFd(pid))).toMatchObject({ code: 'ESRCH', syscall: 'pidfd_open' });
});

test('the fd of a PidFd is close-on-exec', () => {
  using pidFd = new PidFd(process.pid);
  expect(readFileSync(`/proc/self/fdinfo/${pidFd.fd}`, 'utf8')).toMatch(/^flags:\t02000002$/m);
});

test.each([
  ['1', 'ERR_INVALID_ARG_TYPE'],
  [undefined, 'ERR_INVALID_ARG_TYPE'],
  [0, 'ERR_OUT_OF_RANGE'],
  [-1, 'ERR_OUT_OF_RANGE'],
  [1.5, 'ERR_OUT_OF_RANGE'],
  [2 ** 31, 'ERR_OUT_OF_RANGE'],
])('a pid of %s is refused with %s', (pid, code) => {
  expect(raises(() => new PidFd(pid as number)).code).toBe(code);
});

test.each([
  [undefined, 'ERR_INVALID_ARG_TYPE'],
  [{}, 'ERR_INVALID_ARG_TYPE'],
  ['SIGNONE', 'ERR_OUT_OF_RANGE'],
  ['toString', 'ERR_OUT_OF_RANGE'],
  [-1, 'ERR_OUT_OF_RANGE'],
  [65, 'ERR_OUT_OF_RANGE'],
  [Number.NaN, 'ERR_OUT_OF_RANGE'],
])('sendSignal(%s) is refused with %s', (signal, code) => {
  using pidFd = new PidFd(process.pid);
  expect(raises(() => pidFd.sendSignal(signal as number)).code).toBe(code);
});

test('every method of a closed PidFd throws ERR_EM_CLOSED', () => {
  const pidFd = new PidFd(process.pid);
  pidFd.close();
  expect(raises(() => pidFd.sendSignal(0)).code).toBe('ERR_EM_CLOSED');
  expect(raises(() => pidFd.exitStatus()).code).toBe('ERR_EM_CLOSED');
});
