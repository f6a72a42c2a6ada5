import { EventSet } from '@em/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { type FakePipe, FakePoller } from '../../src/index.js';
import { EVERY_EDGE, EVERYTHING, report } from '../report.js';

let poller: FakePoller;
let reader: FakePipe['reader'];
let writer: FakePipe['writer'];

beforeEach(() => {
  poller = new FakePoller();
  ({ reader, writer } = poller.pipe());
});

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function read(length: number): string | undefined {
  const buffer = new Uint8Array(length);
  const count = reader.read(buffer);
  return count === undefined ? undefined : new TextDecoder().decode(buffer.subarray(0, count));
}

/** Writes pieces of this size until a write would block. Returns the number of bytes written. */
function fill(pieceBytes: number): number {
  const piece = new Uint8Array(pieceBytes);
  let total = 0;
  for (let count = writer.write(piece); count !== undefined; count = writer.write(piece)) {
    total += count;
  }
  return total;
}

describe('bytes in a pipe', () => {
  test('come out in order, in pieces of any size', () => {
    expect(writer.write(text('hello '))).toBe(6);
    expect(writer.write(text('world'))).toBe(5);
    expect(read(3)).toBe('hel');
    expect(read(5)).toBe('lo wo');
    expect(read(99)).toBe('rld');
    expect(read(1)).toBeUndefined();
  });

  test('are copied, so that the writer can reuse its buffer', () => {
    const buffer = text('kept');
    writer.write(buffer);
    buffer.fill(0);
    expect(read(4)).toBe('kept');
  });

  test('are written from, and read into, a part of a buffer', () => {
    writer.write(text('..part..'), 2, 4);
    const buffer = text('________');
    expect(reader.read(buffer, 3, 2)).toBe(2);
    expect(reader.read(buffer, 5)).toBe(2);
    expect(new TextDecoder().decode(buffer)).toBe('___part_');
  });

  test('are refused if offset and length exceed the buffer', () => {
    const outOfRange = expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' });
    const buffer = new Uint8Array(4);
    expect(() => writer.write(buffer, 5)).toThrow(outOfRange);
    expect(() => writer.write(buffer, -1)).toThrow(outOfRange);
    expect(() => writer.write(buffer, 2, 3)).toThrow(outOfRange);
    expect(() => reader.read(buffer, 0, 5)).toThrow(outOfRange);
    expect(read(4)).toBeUndefined();
  });

  test('may be zero in a write, which never blocks, and not in a read, which would look like the end', () => {
    const none = new Uint8Array(0);
    expect(writer.write(none)).toBe(0);
    expect(() => reader.read(none)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
    reader.close();
    expect(writer.write(none)).toBe(0);
  });

  test('may exceed the capacity in total: a megabyte through a pipe of one page', () => {
    ({ reader, writer } = poller.pipe({ capacityBytes: 1 }));
    const sent = Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 251);
    const received = new Uint8Array(sent.length);
    let from = 0;
    let to = 0;
    while (to < received.length) {
      from += writer.write(sent, from, Math.min(3000, sent.length - from)) ?? 0;
      to += reader.read(received, to, Math.min(1234, received.length - to)) ?? 0;
    }
    expect(received).toEqual(sent);
  });
});

describe('the capacity of a pipe', () => {
  test('is counted in pages, as the kernel does', () => {
    expect(fill(1000)).toBe(64_000);
    poller.add(writer.fd, EventSet.OUT, 1);
    expect(report(poller)).toEqual([]);
    expect(writer.write(new Uint8Array(96))).toBe(96);
    expect(writer.write(new Uint8Array(1))).toBeUndefined();
  });

  test('is 65,536 bytes, or the requested number in whole pages', () => {
    expect(fill(65_537)).toBe(65_536);
    ({ reader, writer } = poller.pipe({ capacityBytes: 5000 }));
    expect(fill(4096)).toBe(8192);
  });

  test('is reported to a write: up to 4,096 bytes are written completely or not at all, more in parts', () => {
    ({ reader, writer } = poller.pipe({ capacityBytes: 8192 }));
    expect(writer.write(new Uint8Array(5000))).toBe(5000);
    expect(writer.write(new Uint8Array(4096))).toBeUndefined();
    expect(writer.write(new Uint8Array(5000))).toBe(904);
    expect(read(5000)).toHaveLength(5000);
  });

  test.for([0, -1, 1.5, Number.NaN])('of %d bytes is refused', (capacityBytes) => {
    expect(() => poller.pipe({ capacityBytes })).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  });
});

describe('the events of a pipe', () => {
  test('the writer is OUT while there is room, the reader IN while there are bytes', () => {
    poller.add(reader.fd, EVERYTHING, 1);
    poller.add(writer.fd, EVERYTHING, 2);
    expect(report(poller)).toEqual(['4 OUT']);
    writer.write(text('x'));
    expect(report(poller)).toEqual(['4 OUT', '3 IN']);
    read(1);
    expect(report(poller)).toEqual(['4 OUT']);
  });

  test('without a writer, the reader is HANG_UP, with IN while there are bytes, and can read to the end', () => {
    poller.add(reader.fd, EVERYTHING, 1);
    writer.write(text('last'));
    writer.close();
    expect(report(poller)).toEqual(['3 IN|HANG_UP']);
    expect(read(99)).toBe('last');
    expect(report(poller)).toEqual(['3 HANG_UP']);
    expect(read(99)).toBe('');
    expect(read(99)).toBe('');
  });

  test('without a reader, the writer is ERROR, with OUT if asked for, and a write throws EPIPE', () => {
    poller.add(writer.fd, EVERYTHING, 1);
    reader.close();
    expect(report(poller)).toEqual(['4 OUT|ERROR']);
    poller.modify(writer.fd, EventSet.EMPTY, 1);
    expect(report(poller)).toEqual(['4 ERROR']);
    expect(() => writer.write(text('x'))).toThrow(expect.objectContaining({ code: 'EPIPE', errno: -32 }));
  });

  test('every write is an edge for the reader, a read is not', () => {
    poller.add(reader.fd, EVERY_EDGE, 1);
    writer.write(text('ab'));
    expect(report(poller)).toEqual(['3 IN']);
    read(1);
    expect(report(poller)).toEqual([]);
    writer.write(text('c'));
    expect(report(poller)).toEqual(['3 IN']);
    writer.write(new Uint8Array(0));
    expect(report(poller)).toEqual([]);
    writer.close();
    expect(report(poller)).toEqual(['3 IN|HANG_UP']);
  });

  test('a write that finds no room is still an edge for the reader', () => {
    poller.add(reader.fd, EVERY_EDGE, 1);
    fill(65_536);
    expect(report(poller)).toEqual(['3 IN']);
    expect(writer.write(text('x'))).toBeUndefined();
    expect(report(poller)).toEqual(['3 IN']);
    expect(report(poller)).toEqual([]);
  });

  test('the first page that becomes free is an edge for the writer, the next is not', () => {
    fill(1000);
    poller.add(writer.fd, EVERY_EDGE, 1);
    expect(report(poller)).toEqual([]);
    read(3999);
    expect(report(poller)).toEqual([]);
    read(1);
    expect(report(poller)).toEqual(['4 OUT']);
    read(4000);
    expect(report(poller)).toEqual([]);
  });

  test('closing the reader is an edge for the writer', () => {
    poller.add(writer.fd, EVERY_EDGE, 1);
    report(poller);
    reader.close();
    expect(report(poller)).toEqual(['4 OUT|ERROR']);
  });
});
