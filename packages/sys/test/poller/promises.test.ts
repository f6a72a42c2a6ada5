// once() and on() on the kernel, driven by run() inside this event loop.
import { execFileSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  EventManager,
  EventSet,
  Pipe,
  type PipeReader,
  type PipeWriter,
  TcpListener,
  TcpStream,
  UnixStream,
} from '../../src/index.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';

expectNoFilesLeftOpen();

const { IN, OUT } = EventSet;
const PING = Buffer.from('ping');

let manager: EventManager;
let run: Promise<void>;
let reader: PipeReader;
let writer: PipeWriter;
let controller: AbortController;

beforeEach(() => {
  manager = new EventManager();
  ({ reader, writer } = Pipe.open());
  controller = new AbortController();
  run = manager.run();
});

afterEach(async () => {
  manager.close();
  await run;
  reader.close();
  writer.close();
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

/** Lets the event loop turn 20 times. In each turn, run() delivers what is ready. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await setImmediate();
  }
}

/** Checks that run() has had nothing to deliver in all these turns. */
async function expectSilence(): Promise<void> {
  const { waits } = manager.stats;
  await turns();
  expect(manager.stats.waits).toBe(waits);
}

describe('once()', () => {
  test('is fulfilled with the event, and does not report that the fd is still ready', async () => {
    const ready = manager.once(reader, IN, { signal: controller.signal, timeoutMs: 60_000 });
    await expectSilence();
    expect(manager.size).toBe(1);
    writer.write(PING);
    expect(await ready).toBe(IN);
    expect(manager.size).toBe(0);
    await expectSilence();
  });

  test('is fulfilled with HANG_UP, which is always reported', async () => {
    writer.close();
    expect(EventSet.format(await manager.once(reader, IN))).toBe('HANG_UP');
  });

  test('is fulfilled when a connect succeeds or fails', async () => {
    const listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
    const { port } = listener.address;
    using stream = TcpStream.connect({ host: '127.0.0.1', port });
    expect(EventSet.format(await manager.once(stream, OUT))).toBe('OUT');
    listener.close();
    using refused = TcpStream.connect({ host: '127.0.0.1', port });
    expect(EventSet.format(await manager.once(refused, OUT))).toBe('OUT|ERROR|HANG_UP');
    expect(refused.takeError()?.code).toBe('ECONNREFUSED');
  });

  test('lets a reader and a writer use one socket at the same time', async () => {
    const [near, far] = UnixStream.pair();
    const { signal } = controller;
    const sent = new Uint8Array(300_000);
    const into = new Uint8Array(65_536);

    async function write(stream: UnixStream): Promise<void> {
      for (let at = 0; at < sent.length; ) {
        await manager.once(stream, OUT, { signal });
        at += stream.write(sent.subarray(at)) ?? 0;
      }
    }

    async function read(stream: UnixStream): Promise<number> {
      let received = 0;
      for await (const _ of manager.on(stream, IN, { signal })) {
        received += stream.read(into) ?? 0;
        if (received === sent.length) {
          break;
        }
      }
      return received;
    }

    const [received, returned] = await Promise.all([read(near), read(far), write(near), write(far)]);
    expect([received, returned, manager.size]).toEqual([sent.length, sent.length, 0]);
    await expectSilence();
    near.close();
    far.close();
  });

  test('is rejected when its timeout ends, and ignores later events', async () => {
    await expect(manager.once(reader, IN, { timeoutMs: 2 })).rejects.toMatchObject({ code: 'ERR_EM_TIMEOUT' });
    writer.write(PING);
    await expectSilence();
    expect(await manager.once(reader, IN, { timeoutMs: 60_000 })).toBe(IN);
  });

  test('is rejected when its signal aborts, and ignores later events', async () => {
    const ready = manager.once(reader, IN, { signal: controller.signal });
    await turns();
    controller.abort();
    await expect(ready).rejects.toMatchObject({ name: 'AbortError' });
    writer.write(PING);
    await expectSilence();
  });

  test('is rejected when its fd object is closed', async () => {
    const ready = manager.once(reader, IN);
    reader.close();
    await expect(ready).rejects.toMatchObject({ code: 'ERR_EM_NOT_REGISTERED' });
  });

  const program = fileURLToPath(new URL('../programs/once.mjs', import.meta.url));

  test.each([
    ['an event', 'event', 'IN\nexit\n'],
    ['an abort', 'abort', 'AbortError 20\nexit\n'],
    ['the end of its timeout', 'timeout', 'EventManagerError ERR_EM_TIMEOUT\nexit\n'],
  ])('keeps the process alive until %s', (_, mode, output) => {
    expect(execFileSync(process.execPath, [program, mode], { encoding: 'utf8', timeout: 30_000 })).toBe(output);
  });
});

describe('on()', () => {
  test('does not report events while the loop body is busy, so that the writer has to wait', async () => {
    const [near, far] = UnixStream.pair();
    const chunk = new Uint8Array(65_536);
    const into = new Uint8Array(4096);
    const STEPS = 10;
    const fill = () => {
      while (far.write(chunk) !== undefined) {
        // Until the socket is full.
      }
    };
    let steps = 0;
    fill();
    for await (const events of manager.on(near, IN)) {
      expect(events).toBe(IN);
      if (++steps === STEPS) {
        break;
      }
      near.read(into);
      fill();
      await expectSilence();
      expect(far.write(chunk)).toBeUndefined();
    }
    expect([manager.size, manager.stats.dispatched]).toEqual([0, STEPS]);
    near.close();
    far.close();
  });

  test('two loops transfer a megabyte, each waiting for the other', async () => {
    const [near, far] = UnixStream.pair();
    const sent = Buffer.alloc(1 << 20, 'event manager\n');
    const received: Buffer[] = [];
    let [fills, drains] = [0, 0];
    const send = async () => {
      let at = 0;
      for await (const _ of manager.on(far, OUT)) {
        fills++;
        at += far.write(sent, at) ?? 0;
        if (at === sent.length) {
          far.shutdownWrite();
          return;
        }
      }
    };
    const receive = async () => {
      for await (const _ of manager.on(near, IN)) {
        drains++;
        const into = Buffer.alloc(50_000);
        const length = near.read(into) ?? 0;
        if (length === 0) {
          return;
        }
        received.push(into.subarray(0, length));
      }
    };
    await Promise.all([send(), receive()]);
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    expect(Math.min(fills, drains)).toBeGreaterThan(1);
    expect([manager.size, manager.stats.dispatched]).toEqual([0, fills + drains]);
    near.close();
    far.close();
  });

  test('reports events between two steps in the next step, once', async () => {
    const events = manager.on(reader, IN);
    const first = events.next();
    writer.write(PING);
    await first;
    reader.read(new Uint8Array(8));
    writer.write(PING);
    writer.write(PING);
    await expectSilence();
    expect(await events.next()).toEqual({ value: IN, done: false });
    reader.read(new Uint8Array(8));
    const third = events.next();
    await expectSilence();
    writer.close();
    expect(EventSet.format((await third).value ?? 0)).toBe('HANG_UP');
    await events.return();
    expect(manager.size).toBe(0);
  });

  test('is rejected when its signal aborts, during a step or between two', async () => {
    const steps: EventSet[] = [];
    const loop = async (): Promise<void> => {
      for await (const events of manager.on(reader, IN, { signal: controller.signal })) {
        steps.push(events);
        controller.abort();
      }
    };
    const over = loop();
    writer.write(PING);
    await expect(over).rejects.toMatchObject({ name: 'AbortError' });
    expect(steps).toEqual([IN]);
    reader.read(new Uint8Array(8));
    const next = new AbortController();
    const step = manager.on(reader, IN, { signal: next.signal }).next();
    next.abort();
    await expect(step).rejects.toMatchObject({ name: 'AbortError' });
    expect(manager.size).toBe(0);
  });

  test('ends when the loop body throws, and the loop throws that error', async () => {
    const refusal = new Error('no more');
    writer.write(PING);
    const loop = async (): Promise<void> => {
      for await (const _ of manager.on(reader, IN)) {
        throw refusal;
      }
    };
    await expect(loop()).rejects.toBe(refusal);
    expect(manager.size).toBe(0);
  });

  test('is rejected when its fd object is closed between two steps', async () => {
    writer.write(PING);
    const loop = async (): Promise<void> => {
      for await (const _ of manager.on(reader, IN)) {
        reader.close();
      }
    };
    await expect(loop()).rejects.toMatchObject({ code: 'ERR_EM_NOT_REGISTERED' });
  });
});
