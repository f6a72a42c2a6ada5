import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { EventManager, EventSet } from '@em/core';
import { FakePoller, type FakeTcpStream, type FakeUnixStream } from '@em/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toDuplex, toReadable, toWritable } from '../src/index.js';

/** Lets streams have their turn, then the manager, until a promise is settled. A hang is an error. */
async function drive<T>(manager: EventManager, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  promise.then(settle, settle);
  for (let turn = 0; !isSettled; turn++) {
    if (turn > 100_000) {
      throw new Error('hangs');
    }
    manager.wait(0);
    await setImmediate();
  }
  return promise;
}

/** How the kernel serves one call: with this number of bytes at most, or not at all if 0. */
const cuts = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 60 });

const schedule = fc.record({
  sizes: fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 12 }),
  capacityBytes: fc.integer({ min: 1, max: 30_000 }),
  highWaterMark: fc.integer({ min: 1, max: 40_000 }),
  pauses: fc.array(fc.boolean(), { maxLength: 30 }),
  readCuts: cuts,
  writeCuts: cuts,
  fault: fc.option(
    fc.record({
      kind: fc.constantFrom(
        'destroy reader',
        'destroy writer',
        'close reader',
        'close writer',
        'close manager',
        'abort',
        'read error',
        'write error',
      ),
      afterBytes: fc.integer({ min: 0, max: 60_000 }),
    }),
    { nil: undefined },
  ),
});

test('bytes out are the bytes in, or there is an error, and nothing hangs or is left, whatever the schedule', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async ({ sizes, capacityBytes, highWaterMark, pauses, readCuts, writeCuts, fault }) => {
      const poller = new FakePoller();
      const manager = new EventManager({ poller });
      const { reader, writer } = poller.pipe({ capacityBytes });
      const controller = new AbortController();
      const writing = { cuts: writeCuts, isBroken: false };
      const reading = { cuts: readCuts, isBroken: false };
      const writable = toWritable(manager, choppy(writer, 'write', writing), { highWaterMark });
      const readable = toReadable(manager, choppy(reader, 'read', reading), {
        highWaterMark,
        signal: controller.signal,
      });
      const sent = sizes.map((size, at) => Buffer.alloc(size, at + 1));
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const received: Buffer[] = [];
      let bytes = 0;
      let hasFailed = false;
      const fail = (): void => {
        if (fault === undefined || hasFailed || bytes < fault.afterBytes) {
          return;
        }
        hasFailed = true;
        const faults = {
          'destroy reader': () => readable.destroy(),
          'destroy writer': () => writable.destroy(new Error('enough')),
          'close reader': () => reader.close(),
          'close writer': () => writer.close(),
          'read error': () => {
            reading.isBroken = true;
          },
          'write error': () => {
            writing.isBroken = true;
          },
          'close manager': () => manager.close(),
          abort: () => controller.abort(),
        };
        faults[fault.kind as keyof typeof faults]();
      };
      readable.on('data', (chunk: Buffer) => {
        received.push(chunk);
        bytes += chunk.length;
        if (pauses.pop()) {
          readable.pause();
          void setImmediate().then(() => readable.resume());
        }
        fail();
      });
      fail();
      for (const chunk of sent) {
        if (!writable.destroyed) {
          writable.write(chunk);
        }
      }
      writable.end();
      const ends = Promise.allSettled([finished(writable), finished(readable)]);
      const outcomes = await (manager.closed ? ends : driveOrClose(manager, ends));
      const isWhole = Buffer.concat(received).equals(Buffer.concat(sent));
      expect(Buffer.concat(sent).subarray(0, bytes).equals(Buffer.concat(received))).toBe(true);
      if (outcomes.every(({ status }) => status === 'fulfilled')) {
        expect(isWhole || hasFailed).toBe(true);
      } else {
        expect(hasFailed).toBe(true);
      }
      if (!hasFailed) {
        expect([isWhole, bytes]).toEqual([true, total]);
      }
      expect([reader.closed, writer.closed]).toEqual([true, true]);
      if (!manager.closed) {
        expect(manager.size).toBe(0);
        manager.close();
      }
    }),
    { numRuns: 400 },
  );
});

/** An end of a pipe that reads or writes less than it could, or would block although it is ready, or fails. */
function choppy<T extends object>(end: T, method: 'read' | 'write', how: { cuts: number[]; isBroken: boolean }): T {
  type Transfer = (buffer: Uint8Array, offset: number, length: number) => number | undefined;
  const original = Reflect.get(end, method) as Transfer;
  const cut: Transfer = (buffer, offset = 0, length = buffer.length - offset) => {
    if (how.isBroken) {
      throw Object.assign(new Error('EBADMSG'), { code: 'EBADMSG' });
    }
    const most = how.cuts.pop();
    return most === 0 ? undefined : original.call(end, buffer, offset, Math.min(most ?? length, length));
  };
  return new Proxy(end, {
    get(target, name) {
      const value: unknown = name === method ? cut : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The same, for a manager that may be closed on the way. */
async function driveOrClose<T>(manager: EventManager, promise: Promise<T>): Promise<T> {
  try {
    return await drive(manager, promise);
  } catch (error) {
    if (manager.closed) {
      return promise;
    }
    throw error;
  }
}

function wrapped(read: (buffer: Uint8Array, offset?: number) => number | undefined) {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const source = poller.device();
  const stream = toReadable(manager, source.fd, { read: (_, buffer, offset) => read(buffer, offset), recordBytes: 4 });
  return { manager, source, stream };
}

const DUPLEXES: [string, (poller: FakePoller) => [FakeUnixStream | FakeTcpStream, FakeUnixStream | FakeTcpStream]][] = [
  ['unix stream', (poller) => poller.socketpair()],
  [
    'TCP stream',
    (poller) => {
      const listener = poller.tcpListener();
      const client = poller.connectTcp({ host: '127.0.0.1', port: listener.address.port });
      return [client, listener.accept() as FakeTcpStream];
    },
  ],
];

test.each(DUPLEXES)('a Duplex of a fake %s carries bytes both ways, to the end', async (_name, open) => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const ends = open(poller).map((socket) => toDuplex(manager, socket));
  const sent = [Buffer.alloc(1_000_000, 'bytes'), Buffer.from('answer')];
  const received = ends.map((end) => {
    const chunks: Buffer[] = [];
    end.on('data', (chunk: Buffer) => chunks.push(chunk));
    return chunks;
  });
  for (const [at, end] of ends.entries()) {
    end.end(sent[at]);
  }
  await drive(manager, Promise.all(ends.map((end) => finished(end))));
  const [atOne, atOther] = received.map((chunks) => Buffer.concat(chunks));
  expect(String(atOne)).toBe('answer');
  expect(atOther?.equals(sent[0] as Buffer)).toBe(true);
  expect(manager.size).toBe(0);
  manager.close();
});

test('streams of fake datagram sockets carry whole messages', async () => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const [from, to] = poller.datagramPair();
  const writable = toWritable(manager, from);
  const readable = toReadable(manager, to);
  const received: string[] = [];
  readable.on('data', (message) => received.push(String(message)));
  for (const message of ['one', 'two', 'three']) {
    writable.write(message);
  }
  await drive(manager, setImmediate());
  await drive(manager, setImmediate());
  expect(received).toEqual(['one', 'two', 'three']);
  readable.destroy();
  writable.destroy();
  manager.close();
});

test('records are whole, however the bytes come', async () => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const { reader, writer } = poller.pipe();
  const stream = toReadable(manager, reader, { recordBytes: 3 });
  const chunks = stream.toArray();
  for (const text of ['a', 'bcd', '', 'efghijk', 'l']) {
    writer.write(Buffer.from(text));
    manager.wait(0);
    await setImmediate();
  }
  writer.close();
  expect((await drive(manager, chunks)).map(String)).toEqual(['abc', 'def', 'ghi', 'jkl']);
  manager.close();
});

test('an end within a record is an error', async () => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const { reader, writer } = poller.pipe();
  const stream = toReadable(manager, reader, { recordBytes: 3 });
  writer.write(Buffer.from('abcd'));
  writer.close();
  stream.resume();
  await expect(drive(manager, finished(stream))).rejects.toMatchObject({ code: 'ERR_EM_PARTIAL_RECORD' });
  manager.close();
});

test('EIO of a terminal that has hung up is the end, and EIO otherwise an error', async () => {
  for (const events of [EventSet.IN | EventSet.HANG_UP, EventSet.IN]) {
    const { manager, source, stream } = wrapped(() => {
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    });
    source.set(events);
    stream.resume();
    const end = drive(manager, finished(stream));
    await (events === EventSet.IN ? expect(end).rejects.toMatchObject({ code: 'EIO' }) : end);
    manager.close();
  }
});

test('EPIPE of a read is a gap, after which reading goes on', async () => {
  let calls = 0;
  const { manager, source, stream } = wrapped((buffer, offset = 0) => {
    calls++;
    if (calls === 1) {
      throw Object.assign(new Error('EPIPE'), { code: 'EPIPE' });
    }
    buffer.set([1, 2, 3, 4], offset);
    return calls === 2 ? 4 : 0;
  });
  source.set(EventSet.IN);
  const chunks = await drive(manager, stream.toArray());
  expect(chunks).toEqual([Buffer.of(1, 2, 3, 4)]);
  manager.close();
});

test('no two chunks share memory', async () => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const { reader, writer } = poller.pipe();
  const stream = toReadable(manager, reader);
  const chunks: Buffer[] = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  for (let value = 0; value < 200; value++) {
    writer.write(Buffer.alloc(3000, value));
    await setImmediate();
    manager.wait(0);
    await setImmediate();
  }
  writer.close();
  await drive(manager, finished(stream));
  expect(chunks.length).toBeGreaterThan(100);
  expect(Buffer.concat(chunks).every((byte, at) => byte === Math.floor(at / 3000))).toBe(true);
  manager.close();
});
