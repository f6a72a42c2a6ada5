import { EventSet } from '@em/core';
import { beforeEach, expect, test } from 'vitest';
import { FakePoller } from '../../src/index.js';
import { EVERY_EDGE, EVERYTHING, report } from '../report.js';

let poller: FakePoller;

beforeEach(() => {
  poller = new FakePoller();
});

test('a pidfd is IN from the end of its process on, and hangs up when the process is reaped', () => {
  const child = poller.pidfd(42);
  poller.add(child.fd, EVERYTHING, 1);
  expect(report(poller)).toEqual([]);
  expect(child.reap()).toBeUndefined();
  child.exit({ exitCode: 3 });
  expect(report(poller)).toEqual(['3 IN']);
  expect(child.reap()).toEqual({ pid: 42, exitCode: 3, signal: null });
  expect(report(poller)).toEqual(['3 IN|HANG_UP']);
  expect(() => child.reap()).toThrow(expect.objectContaining({ code: 'ECHILD', fd: 3 }));
});

test('the end and the reaping are edges for all pidfds of the process', () => {
  const [one, other] = [poller.pidfd(42), poller.pidfd(42)];
  poller.add(one.fd, EVERY_EDGE, 1);
  poller.add(other.fd, EVERY_EDGE, 2);
  one.exit();
  expect(report(poller)).toEqual(['3 IN', '4 IN']);
  expect(report(poller)).toEqual([]);
  expect(other.reap()).toEqual({ pid: 42, exitCode: 0, signal: null });
  expect(report(poller)).toEqual(['3 IN|HANG_UP', '4 IN|HANG_UP']);
});

test('a pid is free for another process once it is reaped', () => {
  const first = poller.pidfd(42);
  first.exit();
  expect(poller.pidfd(42).reap()).toBeDefined();
  const second = poller.pidfd(42);
  expect(second.reap()).toBeUndefined();
  expect(second.sendSignal(0)).toBe(true);
  expect(first.sendSignal(0)).toBe(false);
});

test('a process remembers the signals that it got, and only SIGKILL ends it', () => {
  const child = poller.pidfd(42);
  for (const signal of ['SIGTERM', 15, 0, 40, 'SIGKILL', 'SIGTERM'] as const) {
    expect(child.sendSignal(signal)).toBe(true);
  }
  expect(child.signals).toEqual(['SIGTERM', 'SIGTERM', 40, 'SIGKILL']);
  expect(child.reap()).toEqual({ pid: 42, exitCode: null, signal: 'SIGKILL' });
  expect(child.sendSignal('SIGTERM')).toBe(false);
});

test('exit() says which signal ended the process, and cannot be called twice', () => {
  const child = poller.pidfd(42);
  child.exit({ signal: 9 });
  expect(() => child.exit()).toThrow(expect.objectContaining({ code: 'ESRCH' }));
  expect(child.reap()).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
});

test('a pidfd made from a ChildProcess returns the exit status, and does not reap', () => {
  const process = { pid: 42, exitCode: null, signalCode: null };
  const child = poller.pidfd(process);
  expect(child.exitStatus()).toBeUndefined();
  child.exit({ exitCode: 7 });
  expect(child.exitStatus()).toEqual({ exitCode: 7, signal: null });
  expect(() => child.reap()).toThrow(expect.objectContaining({ code: 'ERR_EM_WRONG_REAPER' }));
  expect(() => poller.pidfd(42).exitStatus()).toThrow(expect.objectContaining({ code: 'ERR_EM_WRONG_REAPER' }));
  expect(poller.pidfd(42).reap()).toBeDefined();
  Object.assign(process, { exitCode: 7 });
  expect(child.exitStatus()).toEqual({ exitCode: 7, signal: null });
  expect(() => poller.pidfd(process)).toThrow(expect.objectContaining({ code: 'ESRCH' }));
});

test('a duplicate of a pidfd is the same, and a closed one is not woken', () => {
  const child = poller.pidfd(42);
  const dup = child.dup();
  poller.add(dup.fd, EventSet.IN, 1);
  child.exit();
  child.close();
  expect(report(poller)).toEqual(['4 IN']);
  dup.close();
  expect(poller.pidfd(42).reap()).toBeDefined();
});

test('a pidfd refuses what a real one refuses', () => {
  const child = poller.pidfd(42);
  for (const pid of [0, -1, 2 ** 31, 1.5]) {
    expect(() => poller.pidfd(pid)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  }
  expect(() => poller.pidfd({ exitCode: null, signalCode: null })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
  );
  for (const signal of [-1, 65, 'SIGBREAK', 'TERM'] as const) {
    expect(() => child.sendSignal(signal as never)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  }
  expect(() => child.exit({ exitCode: 256 })).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  expect(() => child.exit({ exitCode: 1, signal: 1 } as never)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
  );
  expect(child.reap()).toBeUndefined();
});
