import { EventManager } from '@em/core';
import { FakePoller } from '@em/testing';
import { expect, test } from 'vitest';
import type { Service } from '../../src/daemon/service.js';
import { ServiceManager } from '../../src/daemon/service-manager.js';
import { startWatchdog } from '../../src/daemon/watchdog.js';
import { FakeLog } from '../fakes/fake-log.js';
import { fakeTimers, pass } from '../fakes/fake-timers.js';

function watch(env: Record<string, string>) {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const log = new FakeLog();
  const told: string[] = [];
  const connect = () => ({ send: (message: Uint8Array) => told.push(String(message)), close: () => undefined });
  const serviceManager = new ServiceManager({ env: { NOTIFY_SOCKET: '/x', ...env }, pid: 42, log, connect });
  const service: { -readonly [K in keyof Service]: Service[K] } = {
    failure: new Promise(() => undefined),
    isResponsive: () => true,
    drain: () => Promise.resolve(),
  };
  const stop = startWatchdog(serviceManager, service, fakeTimers(poller), log);
  return { service, told, log, stop, pass: (timeMs: number) => pass(manager, poller, timeMs) };
}

test('the service manager hears that all is well twice as often as it must', () => {
  const { told, stop, pass } = watch({ WATCHDOG_USEC: '1000000' });
  pass(1000);
  expect(told).toEqual(['WATCHDOG=1', 'WATCHDOG=1']);
  stop();
  pass(1000);
  expect(told).toHaveLength(2);
});

test('it hears nothing while a part of the server does not answer', () => {
  const { service, told, log, pass } = watch({ WATCHDOG_USEC: '1000000' });
  service.isResponsive = () => false;
  pass(1000);
  expect(told).toEqual([]);
  expect(log.lines).toEqual(Array(2).fill('error a worker does not answer'));
});

test('a service manager that does not want to hear does not', () => {
  const { told, stop, pass } = watch({});
  pass(1_000_000);
  expect(told).toEqual([]);
  expect(stop).not.toThrow();
});
