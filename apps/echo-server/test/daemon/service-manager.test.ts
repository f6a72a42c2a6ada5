import { beforeEach, describe, expect, test } from 'vitest';
import { type NotifySocket, ServiceManager } from '../../src/daemon/service-manager.js';
import { FakeLog } from '../fakes/fake-log.js';
import { systemError } from '../fakes/system-error.js';

const PID = 42;

let log: FakeLog;
let told: string[];
let closed: number;

beforeEach(() => {
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
  return new ServiceManager({ env, pid: PID, log, connect: connecting });
}

describe('a service manager that wants to know', () => {
  test('is told when the server is ready, about to end, and well', () => {
    const manager = managerOf({ NOTIFY_SOCKET: '/run/notify' });
    manager.ready('listening on tcp://[::]:7');
    manager.stopping();
    manager.isWell();
    expect(told).toEqual([
      '/run/notify: READY=1\nSTATUS=listening on tcp://[::]:7',
      '/run/notify: STOPPING=1',
      '/run/notify: WATCHDOG=1',
    ]);
    expect(closed).toBe(3);
  });

  test('may have an abstract name', () => {
    managerOf({ NOTIFY_SOCKET: '@notify' }).isWell();
    expect(told).toEqual(['\0notify: WATCHDOG=1']);
  });

  test('may be gone: that is logged, and no more', () => {
    const manager = managerOf({ NOTIFY_SOCKET: '/run/notify' }, () => {
      throw systemError('ECONNREFUSED');
    });
    manager.stopping();
    expect(log.lines).toEqual([
      'warn the service manager cannot be told message=STOPPING=1 reason=ECONNREFUSED: of some kind',
    ]);
  });
});

test.each<Record<string, string>>([{}, { NOTIFY_SOCKET: '' }])('without one, nobody is told: %j', (env) => {
  managerOf(env).ready('listening');
  expect(told).toEqual([]);
});

describe('the watchdog', () => {
  test.each<[Record<string, string>, number | undefined]>([
    [{ WATCHDOG_USEC: '30000000' }, 30_000],
    [{ WATCHDOG_USEC: '500', WATCHDOG_PID: '42' }, 0.5],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '41' }, undefined],
    [{}, undefined],
    [{ WATCHDOG_USEC: '' }, undefined],
    [{ WATCHDOG_USEC: '0' }, undefined],
    [{ WATCHDOG_USEC: 'often' }, undefined],
  ])('wants to hear as often as %j says', (env, periodMs) => {
    expect(managerOf(env).watchdogMs).toBe(periodMs);
  });
});
