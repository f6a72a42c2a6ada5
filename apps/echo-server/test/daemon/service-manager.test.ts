import { EventManager } from '@em/core';
import { FakePoller } from '@em/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { type NotifySocket, ServiceManager } from '../../src/daemon/service-manager.js';
import { FakeLog } from '../fakes/fake-log.js';
import { fakeTimers, pass } from '../fakes/fake-timers.js';
import { systemError } from '../fakes/system-error.js';

const PID = 42;

let poller: FakePoller;
let log: FakeLog;
let told: string[];
let closed: number;

beforeEach(() => {
  poller = new FakePoller();
  log = new FakeLog();
  told = [];
  closed = 0;
});

function connect(path: string): NotifySocket {
  return {
    send: (message) => told.push(`${path}: ${message}`),
    close: () => closed++,
  };
}

function managerOf(env: Record<string, string>, connecting: (path: string) => NotifySocket = connect): ServiceManager {
  return new ServiceManager({ env, pid: PID, log, timers: fakeTimers(poller), connect: connecting });
}

describe('a service manager with a notify socket', () => {
  test('is notified when the server is ready, stopping, or alive', () => {
    const manager = managerOf({ NOTIFY_SOCKET: '/run/notify' });
    manager.ready('listening on tcp://[::]:7');
    manager.stopping();
    manager.alive();
    expect(told).toEqual([
      '/run/notify: READY=1\nSTATUS=listening on tcp://[::]:7',
      '/run/notify: STOPPING=1',
      '/run/notify: WATCHDOG=1',
    ]);
    expect(closed).toBe(3);
  });

  test('can have an abstract name', () => {
    managerOf({ NOTIFY_SOCKET: '@notify' }).alive();
    expect(told).toEqual(['\0notify: WATCHDOG=1']);
  });

  test('that is gone is logged, and has no other effect', () => {
    const manager = managerOf({ NOTIFY_SOCKET: '/run/notify' }, () => {
      throw systemError('ECONNREFUSED');
    });
    manager.stopping();
    expect(log.lines).toEqual([
      'warn cannot notify the service manager message=STOPPING=1 reason=ECONNREFUSED: of some kind',
    ]);
  });
});

describe('a notify socket whose queue is full', () => {
  let isFull: boolean;
  let manager: ServiceManager;
  let events: EventManager;

  beforeEach(() => {
    isFull = true;
    events = new EventManager({ poller });
    manager = managerOf({ NOTIFY_SOCKET: '/x' }, () => ({
      send: (message) => (isFull ? undefined : told.push(String(message))),
      close: () => closed++,
    }));
  });

  test('gets every notification in order when it has room, and is not kept open meanwhile', () => {
    manager.ready('listening');
    manager.stopping();
    pass(events, poller, 1000);
    expect(told).toEqual([]);
    isFull = false;
    pass(events, poller, 50);
    expect(told).toEqual(['READY=1\nSTATUS=listening', 'STOPPING=1']);
    pass(events, poller, 1000);
    expect(told).toHaveLength(2);
  });

  test('gets one sign of life, however long it was full', () => {
    for (let i = 0; i < 10; i++) {
      manager.alive();
    }
    isFull = false;
    pass(events, poller, 50);
    expect(told).toEqual(['WATCHDOG=1']);
  });

  test('gets nothing more after close()', () => {
    manager.ready('listening');
    manager.close();
    isFull = false;
    pass(events, poller, 1000);
    expect(told).toEqual([]);
  });
});

test.each<Record<string, string>>([{}, { NOTIFY_SOCKET: '' }])(
  'without a notify socket, nothing is sent: %j',
  (env) => {
    managerOf(env).ready('listening');
    expect(told).toEqual([]);
  },
);

describe('the watchdog', () => {
  test.each<[Record<string, string>, number | undefined]>([
    [{ WATCHDOG_USEC: '30000000' }, 30_000],
    [{ WATCHDOG_USEC: '500', WATCHDOG_PID: '42' }, 0.5],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '41' }, undefined],
    [{}, undefined],
    [{ WATCHDOG_USEC: '' }, undefined],
    [{ WATCHDOG_USEC: '0' }, undefined],
    [{ WATCHDOG_USEC: 'often' }, undefined],
  ])('has its timeout from the environment: %j', (env, periodMs) => {
    expect(managerOf(env).watchdogMs).toBe(periodMs);
  });
});
