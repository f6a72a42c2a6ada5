import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { UnixStream } from '@em/sys';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ByteSink, toReadable, toWritable } from '../src/index.js';
import { manager, until, useManager } from './running.js';

const BYTES = Buffer.from(Array.from({ length: 150_000 }, (_, at) => at % 251));

let near: UnixStream;
let far: UnixStream;
/** The sizes of the writes that were tried. */
let tried: number[];

beforeEach(() => {
  [near, far] = UnixStream.pair();
  tried = [];
});

afterEach(() => {
  near.close();
  far.close();
});

useManager();

/** Sends through `near`, at most this number of bytes per call. */
function counting(maxBytes = Number.POSITIVE_INFINITY): ByteSink {
  return {
    fd: near.fd,
    write(buffer, offset = 0, length = buffer.length - offset) {
      tried.push(length);
      return near.write(buffer, offset, Math.min(length, maxBytes));
    },
    close: () => near.close(),
  };
}

function* pieces(sizes: readonly number[]): Generator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield BYTES.subarray(at, at + size);
    at += size;
  }
}

test('a burst of small writes takes two calls', async () => {
  const stream = toWritable(manager, counting());
  await setImmediate();
  for (const piece of pieces(Array.from({ length: 100 }, () => 10))) {
    stream.write(piece);
  }
  stream.end();
  await finished(stream);
  expect(tried).toEqual([10, 990]);
  const received = Buffer.alloc(2_000);
  expect(far.read(received)).toBe(1_000);
  expect(received.subarray(0, 1_000).equals(BYTES.subarray(0, 1_000))).toBe(true);
});

test('large chunks are not copied, and small ones between them are put together', async () => {
  const stream = toWritable(manager, counting());
  const sizes = [1, 20_000, 5, 0, 6, 7, 20_000, 0, 16_384, 16_384, 16_384, 16_384, 1];
  for (const piece of pieces(sizes)) {
    stream.write(piece);
  }
  stream.end();
  const received = await toReadable(manager, far).toArray();
  expect(tried).toEqual([1, 20_000, 18, 20_000, 65_536, 1]);
  expect(Buffer.concat(received).equals(BYTES.subarray(0, 105_556))).toBe(true);
  await finished(stream);
});

test('after a part of a chunk, a write waits until the kernel has room', async () => {
  const stream = toWritable(manager, counting(7));
  await setImmediate();
  stream.end(BYTES.subarray(0, 16));
  expect(tried).toEqual([16]);
  await finished(stream);
  expect(tried).toEqual([16, 9, 2]);
  expect(far.read(Buffer.alloc(32))).toBe(16);
});

test('a write function that writes to another stream meanwhile does not change the bytes', async () => {
  const [other, peer] = UnixStream.pair();
  const inner = toWritable(manager, other);
  const outer = toWritable(manager, near.fd, {
    write: (_fd, buffer, offset) => {
      for (const text of ['in', 'ner']) {
        inner.write(text);
      }
      inner.uncork();
      return near.write(buffer, offset);
    },
  });
  inner.cork();
  for (const text of ['ou', 't', 'er']) {
    outer.write(text);
  }
  await setImmediate();
  const received = Buffer.alloc(32);
  expect(received.toString('latin1', 0, far.read(received))).toBe('outer');
  expect(received.toString('latin1', 0, peer.read(received))).toBe('inner');
  inner.destroy();
  outer.destroy();
  peer.close();
});

test('a small write whose stream is destroyed in the same tick has no error', async () => {
  const stream = toWritable(manager, near);
  await setImmediate();
  const outcome = new Promise((resolve) => stream.write('abc', resolve));
  stream.destroy();
  expect(await outcome).toBeFalsy();
  expect(far.read(Buffer.alloc(8))).toBe(3);
});

test('one read takes all that is there, and memory is used up before more is allocated', async () => {
  const stream = toReadable(manager, far);
  const chunks: Buffer[] = [];
  let received = 0;
  stream.on('data', (chunk) => {
    chunks.push(chunk);
    received += chunk.length;
  });
  for (let sent = 0; sent < 2_000_000; sent += 100_000) {
    near.write(BYTES, 0, 100_000);
    await until(() => received === sent + 100_000);
  }
  const memories = new Set(chunks.map(({ buffer }) => buffer)).size;
  expect(memories).toBeLessThanOrEqual(9);
  expect(chunks.length).toBeLessThanOrEqual(20 + memories);
  const expected = Buffer.concat(Array.from({ length: 20 }, () => BYTES.subarray(0, 100_000)));
  expect(Buffer.concat(chunks).equals(expected)).toBe(true);
  stream.destroy();
});
