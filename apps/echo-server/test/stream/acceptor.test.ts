import { beforeEach, describe, expect, test } from 'vitest';
import { Count } from '../../src/counters.js';
import { type FakeClient, FakeServer } from '../fakes/fake-server.js';
import { systemError } from '../fakes/system-error.js';

let fake: FakeServer;

beforeEach(() => {
  fake = new FakeServer();
});

describe('accepting', () => {
  test('one event accepts all clients that wait', () => {
    const clients = [fake.arrive(), fake.arrive(), fake.arrive()];
    expect(fake.manager.wait(0)).toBe(1);
    expect(fake.server.connections).toBe(3);
    expect(clients.map((client) => fake.serves(client))).toEqual([true, true, true]);
    expect(fake.counters.get(Count.accepted)).toBe(3);
  });

  test('one event accepts at most 64 clients, so that a rush does not delay the others', () => {
    Array.from({ length: 100 }, () => fake.arrive());
    fake.manager.wait(0);
    expect(fake.server.connections).toBe(64);
    fake.manager.wait(0);
    expect(fake.server.connections).toBe(100);
  });

  test.each(['ECONNABORTED', 'EPROTO', 'ENETUNREACH'] as const)(
    'a connection lost by %s does not prevent the next from being accepted',
    (code) => {
      fake.listener.fail(code);
      const client = fake.connect();
      expect(fake.serves(client)).toBe(true);
      expect(fake.log.lines).toEqual([]);
    },
  );

  test('one acceptor accepts on several listeners', () => {
    const other = fake.poller.tcpListener();
    fake.server.serve({ transport: 'unix', socket: other });
    const clients = [fake.arrive(), fake.arrive(other)];
    fake.settle();
    expect(clients.map((client) => fake.serves(client))).toEqual([true, true]);
  });
});

describe.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EBADF'])('when accepting fails with %s', (code) => {
  let early: FakeClient;
  let late: FakeClient;

  beforeEach(() => {
    early = fake.connect();
    fake.acceptError = systemError(code);
    late = fake.connect();
  });

  test('the listener is paused, and the connections are served', () => {
    const { accepts } = fake;
    expect(fake.manager.wait(0)).toBe(0);
    expect(fake.serves(early)).toBe(true);
    expect(fake.accepts).toBe(accepts);
  });

  test('it accepts again when a connection has ended', () => {
    fake.acceptError = undefined;
    early.socket.close();
    fake.manager.wait(0);
    expect(fake.serves(late)).toBe(true);
    const { accepts } = fake;
    fake.pass(10_000);
    expect(fake.accepts).toBe(accepts);
  });

  test('it accepts again after a second', () => {
    fake.acceptError = undefined;
    fake.pass(999);
    expect(fake.serves(late)).toBe(false);
    fake.pass(1);
    expect(fake.server.connections).toBe(2);
  });

  test('the error is logged once, until all waiting clients are accepted', () => {
    const { accepts } = fake;
    fake.pass(5000);
    expect(fake.accepts).toBe(accepts + 5);
    expect(fake.log.lines).toEqual([`warn new connections must wait reason=${code}: of some kind`]);

    fake.acceptError = undefined;
    fake.pass(1000);
    fake.acceptError = systemError(code);
    fake.connect();
    expect(fake.log.lines).toHaveLength(2);
    expect(fake.counters.get(Count.acceptPauses)).toBe(7);
  });

  test('a listener that the poller refuses to resume is resumed after a second', () => {
    fake.acceptError = undefined;
    fake.poller.failNext('add', 'ENOMEM');
    fake.pass(1000);
    expect(fake.server.connections).toBe(1);
    fake.pass(1000);
    expect(fake.serves(late)).toBe(true);
  });

  test('closing the server cancels the next attempt', () => {
    const { accepts } = fake;
    fake.server.close();
    fake.pass(10_000);
    expect(fake.listener.closed).toBe(true);
    expect(fake.accepts).toBe(accepts);
  });
});

test('when one listener is out of files, all are paused', () => {
  const other = fake.poller.tcpListener();
  fake.server.serve({ transport: 'unix', socket: other });
  fake.acceptError = systemError('EMFILE');
  fake.connect();
  const client = fake.arrive(other);
  fake.settle();
  expect(fake.manager.get(other.fd)?.paused).toBe(true);
  expect(fake.server.connections).toBe(0);
  fake.acceptError = undefined;
  fake.pass(1000);
  expect(fake.serves(client)).toBe(true);
});

test('a connection that cannot be registered is closed, and the next must wait', () => {
  fake.poller.failNext('add', 'ENOSPC');
  const [refused, next] = [fake.arrive(), fake.arrive()];
  fake.manager.wait(0);
  expect(refused.stream.closed).toBe(true);
  expect(fake.server.connections).toBe(0);
  expect(fake.log.lines).toEqual(['warn new connections must wait reason=ENOSPC: no space left on device, epoll_ctl']);
  fake.pass(1000);
  expect(fake.serves(next)).toBe(true);
});

describe('at the maximum number of connections', () => {
  beforeEach(() => {
    fake = new FakeServer({ maxConnections: 2 });
  });

  test('more clients wait until a connection ends, without a call of accept', () => {
    const [first, second, third] = [fake.arrive(), fake.arrive(), fake.arrive()];
    fake.settle();
    expect(fake.server.connections).toBe(2);
    const { accepts } = fake;
    expect(fake.serves(second)).toBe(true);
    fake.pass(10_000);
    expect(fake.accepts).toBe(accepts);
    first.socket.close();
    expect(fake.serves(third)).toBe(true);
    expect(fake.server.connections).toBe(2);
    expect(fake.log.lines).toEqual(['warn new connections must wait reason=there are 2 connections']);
  });

  test('clients that connect when there is room again do not wait', () => {
    const clients = [fake.arrive(), fake.arrive(), fake.arrive()];
    fake.settle();
    for (const { socket } of clients) {
      socket.close();
      fake.settle();
    }
    expect(fake.serves(fake.connect())).toBe(true);
    expect(fake.log.lines).toHaveLength(1);
  });
});
