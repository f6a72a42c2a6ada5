import { EventManager } from '@em/core';
import { FakePoller } from '@em/testing';
import { expect, test } from 'vitest';
import type { Service } from '../../src/daemon/service.js';
import { ServiceManager, startWatchdog } from '../../src/daemon/service-manager.js';
import { FakeLog } from '../fakes/fake-log.js';
import { pass } from '../fakes/settle.js';

function watch(env: Record<string, string>) {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const log = new FakeLog();
  const notified: string[] = [];
  const connect = () => ({ send: (message: Uint8Array) => notified.push(String(message)), close: () => undefined });
  const serviceManager = new ServiceManager({
    env: { NOTIFY_SOCKET: '/x', ...env },
    pid: 42,
    log,
    manager,
    connect,
  });
  const service: { -readonly [K in keyof Service]: Service[K] } = {
    health: 'serving',
    drain: () => Promise.resolve(),
  };
  startWatchdog(serviceManager, service, manager, log);
  return { service, notified, log, pass: (timeMs: number) => pass(manager, poller, timeMs) };
}

test('the service manager gets two notifications per watchdog timeout', () => {
  const { notified, pass } = watch({ WATCHDOG_USEC: '1000000' });
  pass(1000);
  expect(notified).toEqual(['WATCHDOG=1', 'WATCHDOG=1']);
});

test('the service manager gets no notification while a part of the server is stuck', () => {
  const { service, notified, log, pass } = watch({ WATCHDOG_USEC: '1000000' });
  service.health = 'stuck';
  pass(1000);
  expect(notified).toEqual([]);
  expect(log.lines).toEqual(Array(2).fill('error a worker neither answers nor ends'));
});

test('a watchdog timeout beyond the longest timer of Node gets a notification in time, and no flood', () => {
  const { notified, pass } = watch({ WATCHDOG_USEC: '9000000000000' });
  pass(4.5e9 - 1);
  expect(notified).toEqual([]);
  pass(1);
  expect(notified).toEqual(['WATCHDOG=1']);
});

test('a service manager without a watchdog gets no notification', () => {
  const { notified, pass } = watch({});
  pass(1_000_000);
  expect(notified).toEqual([]);
});
