import { once } from 'node:events';
import { PassThrough, Readable, Transform, Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { EventManager } from '@em/sys';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toReadable, toWritable } from '../src/index.js';
import { type Ends, KINDS } from './kinds.js';
import { manager, until, useManager } from './running.js';

const BYTES = Buffer.from(Array.from({ length: 700_000 }, (_, at) => at % 251));

useManager();

describe.each(Object.entries(KINDS))('over a %s', (kind, connect) => {
  let ends: Ends;

  beforeEach(() => {
    ends = connect();
  });

  afterEach(() => {
    expect([ends.from.closed, ends.to.closed]).toEqual([true, true]);
  });

  test('bytes arrive as they were sent, and both fds are closed at the end', async () => {
    const [, received] = await Promise.all([
      pipeline(Readable.from(pieces(BYTES)), toWritable(manager, ends.from)),
      toReadable(manager, ends.to).toArray(),
    ]);
    expect(Buffer.concat(received).equals(BYTES)).toBe(true);
  });

  test('many small writes are put together', async () => {
    const stream = toWritable(manager, ends.from);
    for (let at = 0; at < 20_000; at += 7) {
      stream.write(BYTES.subarray(at, Math.min(at + 7, 20_000)));
    }
    stream.end();
    const received = await toReadable(manager, ends.to).toArray();
    expect(Buffer.concat(received).equals(BYTES.subarray(0, 20_000))).toBe(true);
    await finished(stream);
  });

  test('a pipeline through gzip and back gives the bytes', async () => {
    const received: Buffer[] = [];
    await Promise.all([
      pipeline(Readable.from(pieces(BYTES)), createGzip(), toWritable(manager, ends.from)),
      pipeline(toReadable(manager, ends.to), createGunzip(), async (chunks) => {
        for await (const chunk of chunks) {
          received.push(chunk);
        }
      }),
    ]);
    expect(Buffer.concat(received).equals(BYTES)).toBe(true);
  });

  test('compose() takes it', async () => {
    const upper = new Transform({ transform: (chunk, _, done) => done(null, String(chunk).toUpperCase()) });
    const stream = toReadable(manager, ends.to).compose<Transform>(upper);
    ends.from.write(Buffer.from('abc'));
    ends.from.close();
    expect(Buffer.concat(await stream.toArray()).toString()).toBe('ABC');
  });

  test('Readable.toWeb() and Writable.toWeb() take it', async () => {
    const web = Readable.toWeb(toReadable(manager, ends.to));
    const writer = Writable.toWeb(toWritable(manager, ends.from)).getWriter();
    await writer.write(Buffer.from('abc'));
    await writer.close();
    const received: Uint8Array[] = [];
    for await (const chunk of web) {
      received.push(chunk as Uint8Array);
    }
    expect(Buffer.concat(received).toString()).toBe('abc');
  });

  test('a web stream that is cancelled closes the fd', async () => {
    const web = Readable.toWeb(toReadable(manager, ends.to));
    ends.from.write(Buffer.from('abc'));
    const reader = web.getReader();
    await reader.read();
    await reader.cancel();
    await until(() => ends.to.closed);
    ends.from.close();
  });

  test('setEncoding() gives text', async () => {
    const stream = toReadable(manager, ends.to).setEncoding('utf8');
    ends.from.write(Buffer.from('grün'));
    ends.from.close();
    expect((await stream.toArray()).join('')).toBe('grün');
  });

  test('a reader that breaks off closes the fd', async () => {
    ends.from.write(Buffer.from('abc'));
    for await (const _ of toReadable(manager, ends.to)) {
      break;
    }
    expect(ends.to.closed).toBe(true);
    ends.from.close();
  });

  test('with autoClose: false the fd stays open', async () => {
    ends.from.write(Buffer.from('abc'));
    const stream = toReadable(manager, ends.to, { autoClose: false });
    await once(stream, 'data');
    stream.destroy();
    await finished(stream).catch(() => undefined);
    expect([ends.to.closed, manager.size]).toEqual([false, 0]);
    ends.to.close();
    ends.from.close();
  });

  describe.each(['before the first byte', 'after the first chunk', 'after several chunks'])('%s', (point) => {
    async function arrive(stream: Readable): Promise<void> {
      if (point !== 'before the first byte') {
        for (let chunks = point === 'after the first chunk' ? 1 : 4; chunks > 0; chunks--) {
          ends.from.write(Buffer.from('abc'));
          await once(stream, 'data');
        }
        stream.pause();
      }
    }

    test('destroy() closes the fd and leaves no registration', async () => {
      const stream = toReadable(manager, ends.to);
      await arrive(stream);
      stream.destroy();
      await once(stream, 'close');
      expect([ends.to.closed, manager.size]).toEqual([true, 0]);
      ends.from.close();
    });

    test('destroy(error) reports the error', async () => {
      const stream = toReadable(manager, ends.to);
      await arrive(stream);
      const error = new Error('enough');
      stream.destroy(error);
      await expect(finished(stream)).rejects.toBe(error);
      ends.from.close();
    });

    test('an abort of the signal reports an AbortError', async () => {
      const controller = new AbortController();
      const stream = toReadable(manager, ends.to, { signal: controller.signal });
      await arrive(stream);
      controller.abort();
      await expect(finished(stream)).rejects.toMatchObject({ name: 'AbortError' });
      expect(manager.size).toBe(0);
      ends.from.close();
    });

    test('an abort of a pipeline ends both sides', async () => {
      const controller = new AbortController();
      const stream = toReadable(manager, ends.to);
      await arrive(stream);
      const through = pipeline(stream, new PassThrough(), toWritable(manager, ends.from), {
        signal: controller.signal,
      });
      controller.abort();
      await expect(through).rejects.toMatchObject({ name: 'AbortError' });
      await until(() => ends.to.closed && ends.from.closed);
    });

    test('the end is the end', async () => {
      const stream = toReadable(manager, ends.to);
      await arrive(stream);
      ends.from.close();
      stream.resume();
      await finished(stream);
    });

    test('an fd object that is closed elsewhere is an error', async () => {
      const stream = toReadable(manager, ends.to);
      await arrive(stream);
      stream.resume();
      await setImmediate();
      ends.to.close();
      await expect(finished(stream)).rejects.toMatchObject({ code: 'ERR_EM_CLOSED' });
      ends.from.close();
    });
  });

  test('a reader that stops reading causes no wake-up, even after the peer has hung up', async () => {
    const stream = toReadable(manager, ends.to, { highWaterMark: 1 });
    ends.from.write(Buffer.from('abc'));
    await once(stream, 'readable');
    ends.from.write(Buffer.from('def'));
    ends.from.close();
    const { waits } = manager.stats;
    for (let turn = 0; turn < 100; turn++) {
      await setImmediate();
    }
    expect(manager.stats.waits - waits).toBeLessThanOrEqual(4);
    expect(Buffer.concat(await stream.toArray()).toString()).toBe('abcdef');
  });

  test('a writer whose peer is gone reports an error', async () => {
    ends.to.close();
    const stream = toWritable(manager, ends.from);
    const failed = finished(stream);
    failed.catch(() => undefined);
    while (!stream.destroyed) {
      stream.write(BYTES);
      await setImmediate();
    }
    await expect(failed).rejects.toMatchObject({ code: expect.stringMatching(/^(EPIPE|ECONNRESET|EIO)$/) });
  });

  test('a writer that waits for room is aborted at once', async () => {
    const controller = new AbortController();
    const stream = toWritable(manager, ends.from, { signal: controller.signal });
    for (let count = 0; count < 20; count++) {
      stream.write(BYTES);
    }
    await setImmediate();
    controller.abort();
    await expect(finished(stream)).rejects.toMatchObject({ name: 'AbortError' });
    ends.to.close();
  });

  test('a write that waits for room is called back when the stream is destroyed', async () => {
    const stream = toWritable(manager, ends.from);
    const outcomes = Array.from({ length: 20 }, () => writeOf(stream, BYTES));
    await setImmediate();
    stream.destroy();
    expect((await Promise.all(outcomes)).at(-1)).toBe('ERR_STREAM_DESTROYED');
    await expect(finished(stream)).rejects.toThrow();
    ends.to.close();
  });

  test(`a second stream on the same fd of a ${kind} is an error, and the first goes on`, async () => {
    const stream = toReadable(manager, ends.to);
    stream.resume();
    await setImmediate();
    const second = toReadable(manager, ends.to, { autoClose: false });
    await expect(finished(second)).rejects.toMatchObject({ code: 'ERR_EM_ALREADY_REGISTERED' });
    ends.from.close();
    await finished(stream);
  });
});

test('a manager that is closed ends the streams with an error, and closes their fds', async () => {
  const own = new EventManager();
  const run = own.run();
  const { from, to } = (KINDS['pipe'] as () => Ends)();
  const stream = toReadable(own, to);
  stream.resume();
  await setImmediate();
  own.close();
  await run;
  await expect(finished(stream)).rejects.toMatchObject({ code: 'ERR_EM_CLOSED' });
  expect(to.closed).toBe(true);
  from.close();
});

function* pieces(bytes: Buffer): Generator<Buffer> {
  let size = 1;
  for (let at = 0; at < bytes.length; ) {
    yield bytes.subarray(at, at + size);
    at += size;
    size = ((size * 7) % 100_003) + 1;
  }
}

/** Writes, and resolves with the error code that the write is called back with. */
function writeOf(stream: Writable, bytes: Buffer): Promise<string | undefined> {
  return new Promise((resolve) => {
    stream.write(bytes, (error) => resolve((error as NodeJS.ErrnoException | null | undefined)?.code));
  });
}
