import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventManager, EventSet, type ExitStatus, PidFd } from '../../src/index.js';
import { raises } from '../support/raises.js';

let manager: EventManager;
let seen: string[];
let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  manager = new EventManager();
  seen = [];
  folder = mkdtempSync(join(tmpdir(), 'em-pidfd-'));
});

afterEach(() => {
  manager.close();
  child?.kill('SIGKILL');
  child = undefined;
  rmSync(folder, { recursive: true });
});

function startChild(script: string): ChildProcess {
  child = spawn('sh', ['-c', script], { stdio: 'ignore', cwd: folder });
  return child;
}

/** Starts a shell and watches it. Node reaps it only when this thread returns to its event loop. */
function start(script: string): PidFd {
  return watch(new PidFd(startChild(script)));
}

/** The same, but this test has to reap it. */
function startUnreaped(script: string): PidFd {
  return watch(new PidFd(startChild(script).pid ?? 0));
}

function watch(pidFd: PidFd): PidFd {
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

test('exitStatus() returns the status of a child that dumped core', () => {
  using pidFd = start('ulimit -c unlimited; kill -QUIT $$');
  waitOut();
  expect(pidFd.exitStatus()).toEqual({ exitCode: null, signal: 'SIGQUIT' });
});

test('a stopped child reports nothing, and has no status until it ends', () => {
  using pidFd = start('exec sleep 60');
  pidFd.sendSignal('SIGSTOP');
  untilStopped(child?.pid);
  expect(manager.wait(0)).toBe(0);
  expect(pidFd.exitStatus()).toBeUndefined();
  pidFd.sendSignal('SIGKILL');
  waitOut();
  expect(pidFd.exitStatus()).toEqual({ exitCode: null, signal: 'SIGKILL' });
});

test('exitStatus() leaves the child to Node, and after Node has reaped it, the status is still there', async () => {
  using pidFd = start('exit 7');
  waitOut();
  expect(pidFd.exitStatus()).toEqual(pidFd.exitStatus());
  expect(pidFd.sendSignal('SIGTERM')).toBe(true);
  expect(await once(child as ChildProcess, 'exit')).toEqual([7, null]);
  expect(pidFd.exitStatus()).toEqual({ exitCode: 7, signal: null });
  expect(pidFd.sendSignal('SIGTERM')).toBe(false);
  expect(manager.wait(0)).toBe(1);
});

test('after Node has reaped a child that a signal ended, exitStatus() returns the signal', async () => {
  using pidFd = start('kill -TERM $$; sleep 60');
  await once(child as ChildProcess, 'exit');
  expect(pidFd.exitStatus()).toEqual({ exitCode: null, signal: 'SIGTERM' });
});

test('exitStatus() returns undefined while the runtime has reaped a child and not reported it', async () => {
  const { pid } = startChild('exit 7');
  const unreported = { pid, exitCode: null, signalCode: null };
  using pidFd = new PidFd(unreported);
  await once(child as ChildProcess, 'exit');
  expect(pidFd.exitStatus()).toBeUndefined();
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

// EM_CHILDREN=10000 runs more of them.
test('during run(), exitStatus() returns the status of every child, although Node reaps some first', async () => {
  const count = Number(process.env['EM_CHILDREN'] ?? 100);
  const statuses: (ExitStatus | undefined)[] = [];
  let started = 0;
  const next = () => {
    const number = started++;
    const pidFd = new PidFd(spawn('sh', ['-c', `exit ${number % 256}`], { stdio: 'ignore' }));
    const onEnd = () => {
      statuses[number] = pidFd.exitStatus();
      if (started < count) {
        next();
      }
      pidFd.close();
    };
    manager.add(pidFd, EventSet.IN, onEnd, { own: true });
  };
  for (let i = 0; i < 10; i++) {
    next();
  }
  const run = manager.run();
  while (manager.size > 0) {
    await setImmediate();
  }
  manager.stop();
  await run;
  expect(statuses).toEqual(Array.from({ length: count }, (_, number) => ({ exitCode: number % 256, signal: null })));
});

test('a PidFd of a child that Node has reaped throws ESRCH, because its pid may belong to another process', () => {
  const { pid } = process;
  expect(raises(() => new PidFd({ pid, exitCode: 0, signalCode: null })).code).toBe('ESRCH');
  expect(raises(() => new PidFd({ pid, exitCode: null, signalCode: 'SIGKILL' })).code).toBe('ESRCH');
});

test('a PidFd of a child that could not be started is refused', async () => {
  const failed = spawn(join(folder, 'missing'));
  const failure = once(failed, 'error');
  expect(raises(() => new PidFd(failed))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', message: /process\.pid/ });
  await failure;
});

test.each([
  ['a number', () => new PidFd(process.pid)],
  ['an fd', () => PidFd.adopt(new PidFd({ pid: process.pid, exitCode: null, signalCode: null }).detach())],
])('exitStatus() of a PidFd that was made from %s throws ERR_EM_WRONG_REAPER', (_, make) => {
  using pidFd = make();
  expect(raises(() => pidFd.exitStatus())).toMatchObject({
    code: 'ERR_EM_WRONG_REAPER',
    message: `Cannot return the exit status of fd ${pidFd.fd}: it was made from a number; make the PidFd from the ChildProcess`,
  });
});

describe('reap()', () => {
  test('returns undefined while the child runs, then how it ended, and the zombie is gone', () => {
    using pidFd = startUnreaped('exec sleep 60');
    expect(pidFd.reap()).toBeUndefined();
    pidFd.sendSignal('SIGTERM');
    waitOut();
    expect(stateOf(child?.pid)).toBe('Z');
    expect(pidFd.reap()).toEqual({ pid: child?.pid, exitCode: null, signal: 'SIGTERM' });
    expect(existsSync(`/proc/${child?.pid}`)).toBe(false);
    child?.unref();
  });

  test.each<[string, ExitStatus]>([
    ['exit 0', { exitCode: 0, signal: null }],
    ['exit 255', { exitCode: 255, signal: null }],
    ['kill -50 $$; sleep 60', { exitCode: null, signal: 50 }],
    ['ulimit -c unlimited; kill -QUIT $$', { exitCode: null, signal: 'SIGQUIT' }],
  ])('returns the status of a child that runs "%s"', (script, status) => {
    using pidFd = startUnreaped(script);
    waitOut();
    expect(pidFd.reap()).toEqual({ pid: child?.pid, ...status });
    child?.unref();
  });

  test('returns undefined for a stopped child, and its status when it has ended', () => {
    using pidFd = startUnreaped('exec sleep 60');
    pidFd.sendSignal('SIGSTOP');
    untilStopped(child?.pid);
    expect(pidFd.reap()).toBeUndefined();
    pidFd.sendSignal('SIGKILL');
    waitOut();
    expect(pidFd.reap()).toMatchObject({ signal: 'SIGKILL' });
    child?.unref();
  });

  test('throws ECHILD when the child was reaped already', () => {
    using pidFd = startUnreaped('exit 7');
    waitOut();
    pidFd.reap();
    expect(raises(() => pidFd.reap())).toMatchObject({ code: 'ECHILD', syscall: 'waitid', fd: pidFd.fd });
    expect(pidFd.sendSignal(0)).toBe(false);
    child?.unref();
  });

  test('throws ECHILD for a process that is not a child', () => {
    using pidFd = new PidFd(process.pid);
    expect(raises(() => pidFd.reap())).toMatchObject({ code: 'ECHILD', syscall: 'waitid' });
  });

  test('is refused for a child that Node reaps, whose exit event then comes', async () => {
    using pidFd = start('exit 7');
    waitOut();
    expect(raises(() => pidFd.reap())).toMatchObject({
      code: 'ERR_EM_WRONG_REAPER',
      message: `Cannot reap fd ${pidFd.fd}: it was made from a ChildProcess, which Node reaps; make the PidFd from its pid`,
    });
    expect(await once(child as ChildProcess, 'exit')).toEqual([7, null]);
  });

  test('reaps the child of a PidFd, and leaves those that Node reaps to Node', async () => {
    const others = Array.from({ length: 3 }, (_, number) => spawn('sh', ['-c', `exit ${number}`], { stdio: 'ignore' }));
    const exits = others.map((other) => once(other, 'exit'));
    using pidFd = startUnreaped('exit 7');
    waitOut();
    expect(pidFd.reap()?.pid).toBe(child?.pid);
    child?.unref();
    expect(await Promise.all(exits)).toEqual([
      [0, null],
      [1, null],
      [2, null],
    ]);
  });

  test('leaves no zombie in a worker that stays in a loop of wait(), and the worker can end', async () => {
    const worker = new Worker(new URL('../programs/reaping-worker.mjs', import.meta.url));
    const [[report], [exitCode]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
    expect(report).toEqual({ exitCodes: Array.from({ length: 20 }, (_, code) => code), left: 0 });
    expect(exitCode).toBe(0);
  });

  test('keeps the exit event of the ChildProcess from coming, and the process alive until unref()', async () => {
    using pidFd = startUnreaped('exit 7');
    child?.once('exit', () => seen.push('exit'));
    waitOut();
    pidFd.reap();
    // When Node learns of the end of a child, it looks after all of its children.
    await once(spawn('true'), 'exit');
    expect(seen).toEqual(['IN']);
    expect(child).toMatchObject({ exitCode: null, signalCode: null });
    const before = keptAliveByChildren();
    child?.unref();
    expect(keptAliveByChildren()).toBe(before - 1);
  });
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
  expect(raises(() => pidFd.reap()).code).toBe('ERR_EM_CLOSED');
});

/** The letter for the state of a process in /proc/<pid>/stat. */
function stateOf(pid: number | undefined): string | undefined {
  return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
}

function untilStopped(pid: number | undefined): void {
  let state: string | undefined;
  do {
    state = stateOf(pid);
  } while (state !== 'T');
}

/** For how many children Node keeps the process alive. */
function keptAliveByChildren(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'ProcessWrap').length;
}
