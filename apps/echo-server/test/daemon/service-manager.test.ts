import { EventManager } from '@em/core';
import type { UnixDatagram } from '@em/sys';
import { FakePoller, type FakeUnixDatagram } from '@em/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Health } from '../../src/daemon/service.js';
import { ServiceManager } from '../../src/daemon/service-manager.js';
import { FakeLog } from '../fakes/fake-log.js';
import { pass } from '../fakes/settle.js';

const PATH = '/run/notify';

let poller: FakePoller;
let events: EventManager;
let log: FakeLog;
let opened: Pick<UnixDatagram, 'closed'>[];

beforeEach(() => {
  poller = new FakePoller();
  events = new EventManager({ poller });
  log = new FakeLog();
  opened = [];
});

function managerOf(env: Record<string, string>): ServiceManager {
  const connect = (address: { readonly path: string | Uint8Array }): FakeUnixDatagram => {
    const socket = poller.connectUnixDatagram(address);
    opened.push(socket);
    return socket;
  };
  return new ServiceManager({ env, pid: 42, log, manager: events, connect });
}

/** Receives what has arrived. */
function received(socket: FakeUnixDatagram): string[] {
  const messages: string[] = [];
  const buffer = Buffer.alloc(1024);
  for (let length = socket.receive(buffer); length !== undefined; length = socket.receive(buffer)) {
    messages.push(buffer.toString('utf8', 0, length));
  }
  return messages;
}

describe('a service manager with a notify socket', () => {
  test('is notified when the server is ready, stopping, or alive', () => {
    const socket = poller.unixDatagram({ path: PATH });
    const manager = managerOf({ NOTIFY_SOCKET: PATH });
    manager.ready('listening on tcp://[::]:7');
    manager.stopping();
    manager.alive();
    expect(received(socket)).toEqual(['READY=1\nSTATUS=listening on tcp://[::]:7', 'STOPPING=1', 'WATCHDOG=1']);
    expect(opened.map(({ closed }) => closed)).toEqual([true, true, true]);
  });

  test('can have an abstract name', () => {
    const socket = poller.unixDatagram({ path: '\0notify' });
    managerOf({ NOTIFY_SOCKET: '@notify' }).alive();
    expect(received(socket)).toEqual(['WATCHDOG=1']);
  });

  test('that is gone is logged, and has no other effect', () => {
    poller.unixDatagram({ path: PATH }).close();
    managerOf({ NOTIFY_SOCKET: PATH }).stopping();
    expect(log.lines).toEqual([
      expect.stringMatching(/^warn cannot notify the service manager message=STOPPING=1 reason=ECONNREFUSED: /),
    ]);
  });
});

describe('a notify socket whose queue is full', () => {
  let socket: FakeUnixDatagram;
  let manager: ServiceManager;

  beforeEach(() => {
    socket = poller.unixDatagram({ path: PATH });
    const other = poller.connectUnixDatagram({ path: PATH });
    while (other.send(Buffer.from('other')) !== undefined) {
      // Fills the queue.
    }
    manager = managerOf({ NOTIFY_SOCKET: PATH });
  });

  test('gets every notification in order when it has room, and is not kept open meanwhile', () => {
    manager.ready('listening');
    manager.stopping();
    pass(events, poller, 1000);
    expect(opened.length).toBeGreaterThan(10);
    expect(opened.every(({ closed }) => closed)).toBe(true);
    expect(received(socket)).not.toContain('STOPPING=1');
    pass(events, poller, 50);
    expect(received(socket)).toEqual(['READY=1\nSTATUS=listening', 'STOPPING=1']);
    pass(events, poller, 1000);
    expect(received(socket)).toEqual([]);
  });

  test('gets one sign of life, however long it was full', () => {
    for (let i = 0; i < 10; i++) {
      manager.alive();
    }
    received(socket);
    pass(events, poller, 50);
    expect(received(socket)).toEqual(['WATCHDOG=1']);
  });
});

test.each<Record<string, string>>([{}, { NOTIFY_SOCKET: '' }])(
  'without a notify socket, nothing is sent: %j',
  (env) => {
    managerOf(env).ready('listening');
    expect(opened).toEqual([]);
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

describe('while the server runs', () => {
  let socket: FakeUnixDatagram;
  let service: { health: Health };

  beforeEach(() => {
    socket = poller.unixDatagram({ path: PATH });
    service = { health: 'serving' };
  });

  function watch(env: Record<string, string>): void {
    managerOf({ NOTIFY_SOCKET: PATH, ...env }).watch(service);
  }

  test('the service manager gets two notifications per watchdog timeout', () => {
    watch({ WATCHDOG_USEC: '1000000' });
    pass(events, poller, 1000);
    expect(received(socket)).toEqual(['WATCHDOG=1', 'WATCHDOG=1']);
  });

  test('the service manager gets no notification while a part of the server is stuck', () => {
    service.health = 'stuck';
    watch({ WATCHDOG_USEC: '1000000' });
    pass(events, poller, 1000);
    expect(received(socket)).toEqual([]);
    expect(log.lines).toEqual(Array(2).fill('error a worker neither answers nor ends'));
  });

  test('a watchdog timeout beyond the longest timer of Node gets a notification in time, and no flood', () => {
    watch({ WATCHDOG_USEC: '9000000000000' });
    pass(events, poller, 4.5e9 - 1);
    expect(received(socket)).toEqual([]);
    pass(events, poller, 1);
    expect(received(socket)).toEqual(['WATCHDOG=1']);
  });

  test('a service manager without a watchdog gets no notification', () => {
    watch({});
    pass(events, poller, 1_000_000);
    expect(received(socket)).toEqual([]);
  });
});
