import { EventManager, EventSet } from '@em/core';
import { FakePoller, type FakeSocket } from '@em/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { Connection } from '../src/connection.js';
import { FakeStream } from './fake-stream.js';
import { settle } from './settle.js';

const BUFFER_BYTES = 1024;

let poller: FakePoller;
let manager: EventManager;
let buffer: Uint8Array;
let ends: unknown[];

beforeEach(() => {
  poller = new FakePoller();
  manager = new EventManager({ poller });
  buffer = new Uint8Array(BUFFER_BYTES);
  ends = [];
});

interface Client {
  readonly socket: FakeSocket;
  readonly stream: FakeStream;
  readonly connection: Connection;
}

function connect(): Client {
  const [socket, serverEnd] = poller.socketpair();
  const stream = new FakeStream(serverEnd);
  const connection = new Connection(manager, stream, buffer, (_connection, error) => ends.push(error));
  return { socket, stream, connection };
}

function numbered(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
}

/** Reads what has come back so far. */
function received(socket: FakeSocket): Uint8Array {
  const all: number[] = [];
  const part = new Uint8Array(BUFFER_BYTES);
  for (let length = socket.read(part); length !== undefined && length > 0; length = socket.read(part)) {
    all.push(...part.subarray(0, length));
  }
  return Uint8Array.from(all);
}

function interestOf({ stream }: Client): string {
  return EventSet.format(manager.get(stream.fd)?.events ?? 0);
}

describe('echoing', () => {
  test('what is read is written back at once', () => {
    const client = connect();
    client.socket.write(numbered(100));
    expect(manager.wait(0)).toBe(1);
    expect(received(client.socket)).toEqual(numbered(100));
    expect(interestOf(client)).toBe('IN');
  });

  test('one event is one read, so that a client with much to say does not keep the others waiting', () => {
    const [talkative, terse] = [connect(), connect()];
    talkative.socket.write(numbered(50 * BUFFER_BYTES));
    terse.socket.write(numbered(1));
    manager.wait(0);
    expect(received(terse.socket)).toEqual(numbered(1));
    expect(received(talkative.socket)).toEqual(numbered(BUFFER_BYTES));
  });

  test('small writes are not held back', () => {
    expect(connect().stream.noDelay).toBe(true);
  });

  test('an event with nothing to read is no reason to end', () => {
    const { socket, stream } = connect();
    socket.write(numbered(1));
    stream.read = () => undefined;
    expect(manager.wait(0)).toBe(1);
    expect(stream.closed).toBe(false);
    expect(ends).toEqual([]);
  });
});

describe('what a write leaves', () => {
  test('is kept and flushed when there is room, and nothing is lost or out of order', () => {
    const client = connect();
    client.stream.maxWriteBytes = 7;
    client.socket.write(numbered(3000));
    const calls = settle(manager);
    expect(received(client.socket)).toEqual(numbered(3000));
    expect(calls).toBeGreaterThan(3000 / 7);
    expect(interestOf(client)).toBe('IN');
  });

  test('stops the reading until it is flushed', () => {
    const client = connect();
    client.stream.maxWriteBytes = 600;
    client.socket.write(numbered(2 * BUFFER_BYTES));
    manager.wait(0);
    expect(interestOf(client)).toBe('OUT');
    manager.wait(0);
    expect(client.stream.reads).toBe(1);
    expect(interestOf(client)).toBe('IN');
    manager.wait(0);
    expect(client.stream.reads).toBe(2);
  });

  test('is one buffer at most: a client that does not read is not read from', () => {
    const client = connect();
    const sent = numbered(200_000);
    for (let i = 0; i < 10; i++) {
      client.socket.write(sent);
      settle(manager);
    }
    expect(client.socket.write(sent)).toBeUndefined();
    expect(interestOf(client)).toBe('OUT');
    expect(settle(manager)).toBe(0);
    const kept = client.stream.bytesRead - received(client.socket).length;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(BUFFER_BYTES);
  });

  test("is the connection's own, though all share the buffer", () => {
    const [one, other] = [connect(), connect()];
    one.stream.maxWriteBytes = other.stream.maxWriteBytes = 10;
    one.socket.write(numbered(500));
    other.socket.write(numbered(500).reverse());
    settle(manager);
    expect(received(one.socket)).toEqual(numbered(500));
    expect(received(other.socket)).toEqual(numbered(500).reverse());
  });

  test('comes before the end of the stream', () => {
    const client = connect();
    client.stream.maxWriteBytes = 600;
    client.socket.write(numbered(1000));
    client.socket.shutdown('write');
    settle(manager);
    expect(received(client.socket)).toEqual(numbered(1000));
    expect(client.socket.read(new Uint8Array(1))).toBe(0);
    expect(client.stream.closed).toBe(true);
  });
});

describe('the end', () => {
  test('of the stream closes the connection, without an error', () => {
    const client = connect();
    client.socket.shutdown('write');
    manager.wait(0);
    expect(client.stream.closed).toBe(true);
    expect(manager.size).toBe(0);
    expect(ends).toEqual([undefined]);
  });

  test.each(['echoing', 'flushing'])('by a client that is gone closes the connection while %s', (state) => {
    const [gone, other] = [connect(), connect()];
    if (state === 'flushing') {
      gone.stream.maxWriteBytes = 1;
      gone.socket.write(numbered(10));
      manager.wait(0);
    }
    gone.stream.read = gone.stream.write = () => undefined;
    gone.socket.close();
    other.socket.write(numbered(3));
    settle(manager);
    expect(gone.stream.closed).toBe(true);
    expect(manager.has(gone.stream.fd)).toBe(false);
    expect(received(other.socket)).toEqual(numbered(3));
  });

  test('by an error of a read closes that connection alone, and does not leave the callback', () => {
    const [broken, other] = [connect(), connect()];
    broken.stream.readError = new Error('ECONNRESET');
    broken.socket.write(numbered(1));
    other.socket.write(numbered(3));
    expect(manager.wait(0)).toBe(2);
    expect(broken.stream.closed).toBe(true);
    expect(ends).toEqual([broken.stream.readError]);
    expect(received(other.socket)).toEqual(numbered(3));
  });

  test('by a poller that refuses to change the interest closes the connection', () => {
    const client = connect();
    client.stream.maxWriteBytes = 1;
    client.socket.write(numbered(2));
    poller.failNext('modify', 'ENOMEM');
    manager.wait(0);
    expect(client.stream.closed).toBe(true);
    expect(ends).toEqual([expect.objectContaining({ code: 'ENOMEM' })]);
  });

  test('comes once, whatever fails on the way', () => {
    const client = connect();
    poller.failNext('delete', 'ENOMEM');
    client.connection.close();
    client.connection.close();
    expect(client.stream.closed).toBe(true);
    expect(ends).toEqual([expect.objectContaining({ code: 'ENOMEM' })]);
  });

  test('takes the registration first, and then the stream', () => {
    const client = connect();
    client.stream.onClose = () => {
      expect(poller.log.at(-1)).toMatchObject({ op: 'delete', fd: client.stream.fd });
    };
    poller.clearLog();
    client.connection.close();
    expect(client.stream.closed).toBe(true);
    expect(poller.log).toHaveLength(1);
  });
});

test('a stream that cannot be watched is left open to whoever made it', () => {
  poller.failNext('add', 'ENOSPC');
  const stream = new FakeStream(poller.socketpair()[0]);
  expect(() => new Connection(manager, stream, buffer, () => undefined)).toThrow('ENOSPC');
  expect(stream.closed).toBe(false);
});
