import { EventSet } from '@em/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakePoller, type FakeUnixStream } from '../../src/index.js';
import { EVERY_EDGE, EVERYTHING, report } from '../report.js';

let poller: FakePoller;
let a: FakeUnixStream;
let b: FakeUnixStream;

beforeEach(() => {
  poller = new FakePoller();
  [a, b] = poller.socketpair();
});

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function read(socket: FakeUnixStream, length: number = 99): string | undefined {
  const buffer = new Uint8Array(length);
  const count = socket.read(buffer);
  return count === undefined ? undefined : new TextDecoder().decode(buffer.subarray(0, count));
}

/** Writes until a write would block. Returns the number of bytes written. */
function fill(socket: FakeUnixStream): number {
  const piece = new Uint8Array(10_000);
  let total = 0;
  for (let count = socket.write(piece); count !== undefined; count = socket.write(piece)) {
    total += count;
  }
  return total;
}

function watchBoth(events: EventSet): void {
  poller.add(a.fd, events, 1);
  poller.add(b.fd, events, 2);
  report(poller);
}

const epipe = expect.objectContaining({ code: 'EPIPE', syscall: 'send' });

describe('bytes in a socket pair', () => {
  test('go both ways, and come out in order in pieces of any size', () => {
    a.write(text('there'));
    a.write(text(' and'));
    b.write(text('back'));
    expect(read(b, 7)).toBe('there a');
    expect(read(b)).toBe('nd');
    expect(read(b)).toBeUndefined();
    expect(read(a)).toBe('back');
  });

  test('are copied, so that the writer can reuse its buffer', () => {
    const buffer = text('kept');
    a.write(buffer);
    buffer.fill(0);
    expect(read(b)).toBe('kept');
  });

  test('cannot be zero in a read, which would look like the end, and takes no error', () => {
    const none = new Uint8Array(0);
    a.write(text('x'));
    b.close();
    expect(() => a.read(none)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
    expect(() => read(a)).toThrow(expect.objectContaining({ code: 'ECONNRESET' }));
  });

  test('fit until the send buffer is full, and again when the peer has read', () => {
    const sent = fill(a);
    expect(sent).toBeGreaterThanOrEqual(212_992);
    poller.add(a.fd, EventSet.OUT, 1);
    expect(report(poller)).toEqual([]);
    const buffer = new Uint8Array(10_000);
    let received = 0;
    while (report(poller).length === 0) {
      received += b.read(buffer) ?? 0;
    }
    expect(sent - received).toBeLessThanOrEqual(212_992 / 4);
    expect(sent - received).toBeGreaterThan(212_992 / 4 - 10_000);
    expect(a.write(buffer)).toBe(10_000);
  });

  test('of one big write are written in part', () => {
    const count = a.write(new Uint8Array(1_000_000));
    expect(count).toBeLessThan(1_000_000);
    expect(count).toBeGreaterThanOrEqual(212_992);
    expect(a.write(new Uint8Array(1))).toBeUndefined();
    expect(a.write(new Uint8Array(0))).toBe(0);
  });
});

describe('the events of a socket pair', () => {
  test('a socket is OUT from the start, and IN while there are bytes', () => {
    poller.add(a.fd, EVERYTHING, 1);
    poller.add(b.fd, EVERYTHING, 2);
    expect(report(poller)).toEqual(['3 OUT', '4 OUT']);
    a.write(text('x'));
    expect(report(poller)).toEqual(['3 OUT', '4 IN|OUT']);
    read(b);
    expect(report(poller)).toEqual(['3 OUT', '4 OUT']);
  });

  test('a write is an edge for the peer, and for the writer when the peer has read all of it', () => {
    watchBoth(EVERY_EDGE);
    a.write(text('xy'));
    expect(report(poller)).toEqual(['4 IN|OUT']);
    read(b, 1);
    expect(report(poller)).toEqual([]);
    read(b, 1);
    expect(report(poller)).toEqual(['3 OUT']);
  });

  test('a read of the peer is not an edge for the writer until there is room enough', () => {
    const sent = fill(a);
    b.write(text('so that IN is true'));
    poller.add(a.fd, EVERY_EDGE, 1);
    expect(report(poller)).toEqual(['3 IN']);
    read(b, 50_000);
    expect(report(poller)).toEqual([]);
    read(b, sent);
    expect(report(poller)).toEqual(['3 IN|OUT']);
  });

  test('READ_HANG_UP is reported only if it is asked for', () => {
    watchBoth(EventSet.IN);
    a.shutdown('write');
    expect(report(poller)).toEqual(['4 IN']);
    poller.modify(b.fd, EventSet.IN | EventSet.READ_HANG_UP, 2);
    expect(report(poller)).toEqual(['4 IN|READ_HANG_UP']);
  });
});

describe('the end of a socket pair', () => {
  test('after shutdown of writing, the peer reads to the end, and can still write', () => {
    watchBoth(EVERY_EDGE);
    a.write(text('bye'));
    a.shutdown('write');
    expect(report(poller)).toEqual(['4 IN|OUT|READ_HANG_UP', '3 OUT']);
    expect(() => a.write(text('x'))).toThrow(epipe);
    expect([read(b), read(b), read(b)]).toEqual(['bye', '', '']);
    b.write(text('and you'));
    expect(read(a)).toBe('and you');
  });

  test('after shutdown of reading, the bytes that are there can be read, and the peer cannot write', () => {
    watchBoth(EVERY_EDGE);
    b.write(text('late'));
    report(poller);
    a.shutdown('read');
    expect(report(poller)).toEqual(['3 IN|OUT|READ_HANG_UP', '4 OUT']);
    expect([read(a), read(a)]).toEqual(['late', '']);
    expect(() => b.write(text('x'))).toThrow(epipe);
    expect(a.write(text('x'))).toBe(1);
  });

  test('after shutdown of both, both ends hang up', () => {
    watchBoth(EVERY_EDGE);
    a.shutdown('both');
    expect(report(poller)).toEqual(['3 IN|OUT|HANG_UP|READ_HANG_UP', '4 IN|OUT|HANG_UP|READ_HANG_UP']);
  });

  test('after shutdown of writing at both ends, both ends hang up', () => {
    watchBoth(EVERYTHING);
    a.shutdown('write');
    b.shutdown('write');
    expect(report(poller).sort()).toEqual(['3 IN|OUT|HANG_UP|READ_HANG_UP', '4 IN|OUT|HANG_UP|READ_HANG_UP']);
  });

  test('after close, the peer reads what was sent and then the end, and cannot write', () => {
    watchBoth(EVERY_EDGE);
    b.write(text('last'));
    b.close();
    expect(report(poller)).toEqual(['3 IN|OUT|HANG_UP|READ_HANG_UP']);
    expect([read(a), read(a)]).toEqual(['last', '']);
    expect(() => a.write(text('x'))).toThrow(epipe);
  });

  test('after close with unread bytes, the peer reads what was sent and then gets one error', () => {
    poller.add(a.fd, EVERYTHING, 1);
    a.write(text('never read'));
    b.write(text('data'));
    b.close();
    expect(report(poller)).toEqual(['3 IN|OUT|ERROR|HANG_UP|READ_HANG_UP']);
    expect(read(a)).toBe('data');
    expect(() => read(a)).toThrow(expect.objectContaining({ code: 'ECONNRESET', errno: -104 }));
    expect(report(poller)).toEqual(['3 IN|OUT|HANG_UP|READ_HANG_UP']);
    expect(read(a)).toBe('');
  });

  test('after close with a full send buffer, the peer has room again', () => {
    poller.add(a.fd, EventSet.OUT, 1);
    a.write(new Uint8Array(1_000_000));
    expect(report(poller)).toEqual([]);
    b.close();
    expect(report(poller)).toEqual(['3 OUT|ERROR|HANG_UP']);
  });

  test('shutdown of an unknown direction is refused', () => {
    expect(() => a.shutdown('rw' as never)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  });
});
