import { EventManager } from '@em/core';
import { FakePoller, type FakeSocket } from '@em/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EchoServer } from '../src/echo-server.js';
import { FakeListener } from './fake-listener.js';
import { FakeStream } from './fake-stream.js';
import { settle } from './settle.js';

let poller: FakePoller;
let manager: EventManager;
let listener: FakeListener;
let lines: string[];
let server: EchoServer;

beforeEach(() => {
  vi.useFakeTimers();
  poller = new FakePoller();
  manager = new EventManager({ poller });
  listener = new FakeListener(poller);
  lines = [];
  server = new EchoServer(manager, listener, (line) => lines.push(line));
});

afterEach(() => {
  vi.useRealTimers();
});

interface Client {
  readonly socket: FakeSocket;
  readonly stream: FakeStream;
}

function arrive(): Client {
  const [socket, serverEnd] = poller.socketpair();
  const stream = new FakeStream(serverEnd);
  listener.push(stream);
  return { socket, stream };
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: of some kind, accept`), { code });
}

/** Whether a client gets back what it sends. */
function isServed({ socket }: Client): boolean {
  const bytes = new Uint8Array(1);
  socket.write(Uint8Array.of(42));
  settle(manager);
  return socket.read(bytes) === 1 && bytes[0] === 42;
}

describe('accepting', () => {
  test('all who wait are accepted by one event, and served', () => {
    const clients = [arrive(), arrive(), arrive()];
    expect(manager.wait(0)).toBe(1);
    expect(server.connections).toBe(3);
    expect(clients.map(isServed)).toEqual([true, true, true]);
  });

  test('no more than 64 by one event, so that a rush does not keep the others waiting', () => {
    Array.from({ length: 100 }, arrive);
    manager.wait(0);
    expect(server.connections).toBe(64);
    manager.wait(0);
    expect(server.connections).toBe(100);
  });

  test.each(['ECONNABORTED', 'EPROTO', 'ENETUNREACH'])(
    'a connection lost by %s does not keep the next from it',
    (code) => {
      listener.push(systemError(code));
      const client = arrive();
      manager.wait(0);
      expect(isServed(client)).toBe(true);
      expect(lines).toEqual([]);
    },
  );
});

describe.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EBADF'])('when accepting fails with %s', (code) => {
  let early: Client;
  let late: Client;

  beforeEach(() => {
    early = arrive();
    manager.wait(0);
    listener.failure = systemError(code);
    late = arrive();
    manager.wait(0);
  });

  test('the listener is left alone, and the others are served', () => {
    const { accepts } = listener;
    expect(manager.wait(0)).toBe(0);
    expect(isServed(early)).toBe(true);
    expect(listener.accepts).toBe(accepts);
  });

  test('it is tried again when a connection has ended', () => {
    listener.failure = undefined;
    early.socket.close();
    manager.wait(0);
    expect(isServed(late)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('it is tried again after a second', () => {
    listener.failure = undefined;
    vi.advanceTimersByTime(999);
    expect(isServed(late)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(manager.wait(0)).toBe(1);
    expect(server.connections).toBe(2);
  });

  test('it is logged once, until all who waited are accepted', () => {
    for (let i = 0; i < 5; i++) {
      vi.advanceTimersByTime(1000);
      expect(manager.wait(0)).toBe(1);
    }
    expect(lines).toEqual([`new connections must wait: ${code}: of some kind, accept`]);

    listener.failure = undefined;
    vi.advanceTimersByTime(1000);
    expect(isServed(late)).toBe(true);
    listener.failure = systemError(code);
    arrive();
    manager.wait(0);
    expect(lines).toHaveLength(2);
  });

  test('a poller that refuses the listener is asked again after a second', () => {
    listener.failure = undefined;
    poller.failNext('add', 'ENOMEM');
    vi.advanceTimersByTime(1000);
    expect(manager.wait(0)).toBe(0);
    vi.advanceTimersByTime(1000);
    expect(isServed(late)).toBe(true);
  });

  test('closing the server ends the trying', () => {
    server.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(listener.closed).toBe(true);
  });
});

test('a connection that cannot be watched is closed, and the next must wait', () => {
  poller.failNext('add', 'ENOSPC');
  const [refused, next] = [arrive(), arrive()];
  manager.wait(0);
  expect(refused.stream.closed).toBe(true);
  expect(server.connections).toBe(0);
  expect(lines).toEqual(['new connections must wait: ENOSPC: no space left on device, epoll_ctl']);
  vi.advanceTimersByTime(1000);
  expect(isServed(next)).toBe(true);
});

describe('a connection that ends', () => {
  test.each([
    ['ECONNRESET', []],
    ['EPIPE', []],
    ['EIO', ['a connection ended: EIO: of some kind, accept']],
  ])('by %s is forgotten, and logged if that is unusual', (code, logged) => {
    const client = arrive();
    manager.wait(0);
    client.stream.readError = systemError(code);
    client.socket.write(Uint8Array.of(1));
    manager.wait(0);
    expect(server.connections).toBe(0);
    expect(lines).toEqual(logged);
  });
});

describe('close()', () => {
  test('closes the listener and every connection', () => {
    const clients = [arrive(), arrive()];
    manager.wait(0);
    server.close();
    expect(listener.closed).toBe(true);
    expect(clients.map(({ stream }) => stream.closed)).toEqual([true, true]);
    expect(server.connections).toBe(0);
    expect(manager.size).toBe(0);
  });

  test('can be called twice', () => {
    server.close();
    expect(() => server.close()).not.toThrow();
  });
});
