import { EventManager, EventSet } from '@em/core';
import { FakePoller, type FakeUnixStream } from '@em/testing';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryBudget } from '../../src/context.js';
import { Count, Counters } from '../../src/counters.js';
import { Connection, type ConnectionContext, READ_BYTES } from '../../src/stream/connection.js';
import { Connections } from '../../src/stream/connections.js';
import { isAtEnd, numbered, received } from '../fakes/bytes.js';
import { type ObservedStream, observed } from '../fakes/observed-stream.js';
import { settle } from '../fakes/settle.js';

const BUFFER_BYTES = 128 * 1024;
const TOTAL_BUFFER_BYTES = 1024 * 1024;

let poller: FakePoller;
let manager: EventManager;
let counters: Counters;
let ends: unknown[];
let context: ConnectionContext;

beforeEach(() => {
  poller = new FakePoller();
  manager = new EventManager({ poller });
  counters = new Counters();
  ends = [];
  context = {
    manager,
    connections: new Connections(),
    counters,
    memory: new MemoryBudget(TOTAL_BUFFER_BYTES, counters),
    buffer: new Uint8Array(READ_BYTES),
    bufferBytes: BUFFER_BYTES,
    onEnd: (error) => ends.push(error),
  };
});

interface Client {
  readonly socket: FakeUnixStream;
  readonly stream: ObservedStream;
  readonly connection: Connection;
}

function connect(): Client {
  const [socket, serverEnd] = poller.socketpair();
  const stream = observed(serverEnd);
  const connection = new Connection(context, stream);
  context.connections.set(stream.fd, connection);
  return { socket, stream, connection };
}

function interestOf({ stream }: Client): string {
  return EventSet.format(manager.get(stream.fd)?.events ?? 0);
}

/** Writes and settles until the server reads no more. Returns the bytes that it took. */
function fill({ socket }: Client): Uint8Array {
  const sent = numbered(1024 * 1024);
  let taken = 0;
  for (let count = 1; count > 0; settle(manager)) {
    count = socket.write(sent, taken) ?? 0;
    taken += count;
  }
  return sent.subarray(0, taken);
}

describe('echoing', () => {
  test('bytes that are read are written back at once', () => {
    const client = connect();
    client.socket.write(numbered(100));
    expect(manager.wait(0)).toBe(1);
    expect(received(client.socket)).toEqual(numbered(100));
    expect(interestOf(client)).toBe('IN');
    expect(counters.get(Count.bytesReceived)).toBe(100);
    expect(counters.get(Count.bytesSent)).toBe(100);
  });

  test('one event is one read, so that a busy client does not delay the others', () => {
    const [talkative, terse] = [connect(), connect()];
    talkative.socket.write(numbered(2 * READ_BYTES));
    terse.socket.write(numbered(1));
    manager.wait(0);
    expect(received(terse.socket)).toEqual(numbered(1));
    expect(received(talkative.socket)).toEqual(numbered(READ_BYTES));
  });

  test('an event with nothing to read does not end the connection', () => {
    const { socket, stream } = connect();
    socket.write(numbered(1));
    stream.read = () => undefined;
    expect(manager.wait(0)).toBe(1);
    expect(stream.closed).toBe(false);
    expect(ends).toEqual([]);
  });
});

describe('the rest of a write', () => {
  test('is kept and sent when there is room, complete and in order', () => {
    const client = connect();
    client.stream.maxWriteBytes = 7;
    client.socket.write(numbered(3000));
    const calls = settle(manager);
    expect(received(client.socket)).toEqual(numbered(3000));
    expect(calls).toBeGreaterThan(3000 / 7);
    expect(interestOf(client)).toBe('IN');
  });

  test('has OUT in the interest only while there is a rest', () => {
    const client = connect();
    client.stream.maxWriteBytes = 600;
    client.socket.write(numbered(1000));
    manager.wait(0);
    expect(interestOf(client)).toBe('IN|OUT');
    manager.wait(0);
    expect(interestOf(client)).toBe('IN');
    expect(counters.get(Count.bufferedBytes)).toBe(0);
  });

  test('is followed by the bytes that are read meanwhile', () => {
    const client = connect();
    client.stream.maxWriteBytes = 600;
    client.socket.write(numbered(1000).subarray(0, 700));
    manager.wait(0);
    client.socket.write(numbered(1000).subarray(700));
    client.stream.maxWriteBytes = 50;
    manager.wait(0);
    settle(manager);
    expect(received(client.socket)).toEqual(numbered(1000));
  });

  test('stops reading at the high mark, until the low mark', () => {
    const client = connect();
    fill(client);
    expect(interestOf(client)).toBe('OUT');
    expect(settle(manager)).toBe(0);
    const { reads } = client.stream;
    const marks: number[] = [];
    while (interestOf(client) === 'OUT') {
      received(client.socket);
      client.stream.maxWriteBytes = 10_000;
      const { bytesRead, bytesWritten } = client.stream;
      manager.wait(0);
      marks.push(bytesRead - bytesWritten);
      expect(client.stream.reads).toBe(reads);
    }
    expect(marks[0]).toBeGreaterThanOrEqual(BUFFER_BYTES);
    expect(marks[0]).toBeLessThan(BUFFER_BYTES + READ_BYTES);
    expect(marks.at(-1)).toBeLessThanOrEqual(BUFFER_BYTES / 4 + 10_000);
    expect(interestOf(client)).toBe('IN|OUT');
  });

  test('is bounded: the server does not read from a client that does not read, and loses nothing', () => {
    const client = connect();
    const sent = fill(client);
    expect(counters.get(Count.bufferedBytes)).toBeLessThanOrEqual(BUFFER_BYTES + READ_BYTES);
    expect(client.stream.bytesRead - client.stream.bytesWritten).toBeLessThan(BUFFER_BYTES + READ_BYTES);
    const chunks: Uint8Array[] = [];
    for (let calls = 1; calls > 0; calls = settle(manager)) {
      chunks.push(received(client.socket));
    }
    chunks.push(received(client.socket));
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
    expect(counters.get(Count.bufferedBytes)).toBe(0);
    expect(interestOf(client)).toBe('IN');
  });

  test('is bounded for all together: the server then reads nothing from clients with a rest, and little from others', () => {
    const stalled = Array.from({ length: 20 }, connect);
    const sent = stalled.map(fill);
    const kept = counters.get(Count.bufferedBytes);
    expect(kept).toBeGreaterThanOrEqual(TOTAL_BUFFER_BYTES);
    expect(kept).toBeLessThanOrEqual(TOTAL_BUFFER_BYTES + READ_BYTES + stalled.length * 4096);
    const reader = connect();
    reader.socket.write(numbered(READ_BYTES));
    manager.wait(0);
    expect(reader.stream.bytesRead).toBe(4096);
    settle(manager);
    expect(received(reader.socket)).toEqual(numbered(READ_BYTES));
    for (const [i, { socket }] of stalled.entries()) {
      const chunks: Uint8Array[] = [];
      for (let calls = 1; calls > 0; calls = settle(manager)) {
        chunks.push(received(socket));
      }
      chunks.push(received(socket));
      expect(Buffer.concat(chunks).length).toBe(sent[i]?.length);
    }
    expect(counters.get(Count.bufferedBytes)).toBe(0);
  });

  test('takes no more memory than its bytes once the total is reached, however many clients have one', () => {
    Array.from({ length: 20 }, connect).map(fill);
    const before = counters.get(Count.bufferedBytes);
    const clients = Array.from({ length: 50 }, connect);
    for (const { stream, socket } of clients) {
      stream.maxWriteBytes = 0;
      socket.write(numbered(10));
    }
    manager.wait(0);
    expect(counters.get(Count.bufferedBytes)).toBe(before + clients.length * 10);
  });

  test('is copied, because all connections share the buffer', () => {
    const [one, other] = [connect(), connect()];
    one.stream.maxWriteBytes = other.stream.maxWriteBytes = 10;
    one.socket.write(numbered(500));
    other.socket.write(numbered(500).reverse());
    settle(manager);
    expect(received(one.socket)).toEqual(numbered(500));
    expect(received(other.socket)).toEqual(numbered(500).reverse());
  });

  test('is sent before the end of the stream', () => {
    const client = connect();
    client.stream.maxWriteBytes = 600;
    client.socket.write(numbered(1000));
    client.socket.shutdown('write');
    settle(manager);
    expect(received(client.socket)).toEqual(numbered(1000));
    expect(isAtEnd(client.socket)).toBe(true);
    expect(client.stream.closed).toBe(true);
  });

  test('has only OUT in the interest once the client has ended, because IN would report the end again and again', () => {
    const client = connect();
    client.stream.maxWriteBytes = 0;
    client.socket.write(numbered(10));
    client.socket.shutdown('write');
    manager.wait(0);
    manager.wait(0);
    expect(interestOf(client)).toBe('OUT');
    client.stream.maxWriteBytes = 6;
    manager.wait(0);
    expect(client.stream.closed).toBe(false);
    manager.wait(0);
    expect(received(client.socket)).toEqual(numbered(10));
    expect(client.stream.closed).toBe(true);
    expect(ends).toEqual([undefined]);
  });
});

describe('the end of a connection', () => {
  test('closes it without an error at the end of the stream', () => {
    const client = connect();
    client.socket.shutdown('write');
    manager.wait(0);
    expect(client.stream.closed).toBe(true);
    expect(manager.size).toBe(0);
    expect(context.connections.size).toBe(0);
    expect(ends).toEqual([undefined]);
  });

  test.each(['echoing', 'flushing'])('closes it if the client is gone while %s', (state) => {
    const [gone, other] = [connect(), connect()];
    if (state === 'flushing') {
      gone.stream.maxWriteBytes = 1;
      gone.socket.write(numbered(10));
      manager.wait(0);
    }
    const { fd } = gone.stream;
    gone.stream.read = gone.stream.write = () => undefined;
    gone.socket.close();
    other.socket.write(numbered(3));
    settle(manager);
    expect(gone.stream.closed).toBe(true);
    expect(manager.has(fd)).toBe(false);
    expect(counters.get(Count.bufferedBytes)).toBe(0);
    expect(received(other.socket)).toEqual(numbered(3));
  });

  test('closes it if a read fails, and the callback does not throw', () => {
    const [broken, other] = [connect(), connect()];
    const error = new Error('ECONNRESET');
    vi.spyOn(broken.stream, 'read').mockImplementation(() => {
      throw error;
    });
    broken.socket.write(numbered(1));
    other.socket.write(numbered(3));
    expect(manager.wait(0)).toBe(2);
    expect(broken.stream.closed).toBe(true);
    expect(ends).toEqual([error]);
    expect(received(other.socket)).toEqual(numbered(3));
  });

  test('closes it if the poller refuses to change the interest', () => {
    const client = connect();
    client.stream.maxWriteBytes = 1;
    client.socket.write(numbered(2));
    poller.failNext('modify', 'ENOMEM');
    manager.wait(0);
    expect(client.stream.closed).toBe(true);
    expect(ends).toEqual([expect.objectContaining({ code: 'ENOMEM' })]);
    expect(counters.get(Count.bufferedBytes)).toBe(0);
  });

  test('is reported once, even if something fails on the way', () => {
    const client = connect();
    poller.failNext('delete', 'ENOMEM');
    client.connection.close();
    client.connection.close();
    expect(client.stream.closed).toBe(true);
    expect(ends).toEqual([expect.objectContaining({ code: 'ENOMEM' })]);
  });

  test('deletes the registration before it closes the stream', () => {
    const client = connect();
    const close = client.stream.close.bind(client.stream);
    client.stream.close = () => {
      expect(poller.log.at(-1)).toMatchObject({ op: 'delete', fd: client.stream.fd });
      close();
    };
    poller.clearLog();
    client.connection.close();
    expect(client.stream.closed).toBe(true);
    expect(poller.log).toHaveLength(1);
  });
});

describe('finish()', () => {
  test('ends its half if the client has sent nothing new, and waits for the other half', () => {
    const client = connect();
    client.connection.finish();
    expect(isAtEnd(client.socket)).toBe(true);
    expect(client.stream.closed).toBe(false);
    expect(client.connection.isServed).toBe(false);
    client.socket.close();
    manager.wait(0);
    expect(client.stream.closed).toBe(true);
    expect(ends).toEqual([undefined]);
  });

  test('sends back bytes that have arrived, and does not end its half', () => {
    const client = connect();
    client.socket.write(numbered(10));
    client.connection.finish();
    expect(received(client.socket)).toEqual(numbered(10));
    expect(isAtEnd(client.socket)).toBe(false);
    expect(client.connection.isServed).toBe(true);
  });

  test('does nothing if the client has not received everything', () => {
    const client = connect();
    client.stream.maxWriteBytes = 0;
    client.socket.write(numbered(10));
    manager.wait(0);
    client.connection.finish();
    expect(isAtEnd(client.socket)).toBe(false);
    expect(client.connection.isServed).toBe(true);
  });

  test('drops bytes that arrive afterwards, and counts the client as cut off once', () => {
    const client = connect();
    client.connection.finish();
    client.socket.write(numbered(10));
    settle(manager);
    client.socket.write(numbered(10));
    settle(manager);
    expect(counters.get(Count.cutOff)).toBe(1);
    expect(client.stream.bytesRead).toBe(20);
    expect(isAtEnd(client.socket)).toBe(true);
    client.socket.shutdown('write');
    settle(manager);
    expect(client.stream.closed).toBe(true);
  });

  test('closes the connection if it fails', () => {
    const client = connect();
    const error = new Error('ECONNRESET');
    vi.spyOn(client.stream, 'read').mockImplementation(() => {
      throw error;
    });
    client.connection.finish();
    expect(client.stream.closed).toBe(true);
    expect(ends).toEqual([error]);
  });
});

test('a stream that cannot be registered stays open for the caller', () => {
  poller.failNext('add', 'ENOSPC');
  const [stream] = poller.socketpair();
  expect(() => new Connection(context, stream)).toThrow('ENOSPC');
  expect(stream.closed).toBe(false);
});
