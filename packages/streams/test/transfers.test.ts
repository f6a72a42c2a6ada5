// Ends transfers in every way at every point, through the functions of node:stream. Afterwards, the promise is settled,
// no registration is left, and no fd is open.

import * as streams from 'node:stream';
import { Duplex, PassThrough, Readable, Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { EventManager, EventSet } from '@em/sys';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toDuplex, toReadable, toWritable } from '../src/index.js';
import { BOTH_WAYS, KINDS } from './kinds.js';
import { manager, until, useManager } from './running.js';
import { forEachCase, openFds, receiveAll, Script, send } from './transfers.js';

// @types/node does not declare it.
const { compose } = streams as typeof streams & { compose(...all: readonly (Readable | Writable)[]): Duplex };

type Source = () => AsyncIterable<Buffer>;
type Take = (chunk: Buffer) => Promise<void>;

useManager();
let open: readonly string[];

beforeEach(() => {
  open = openFds();
});

// Threads of the runtime open files for a moment at any time: some of those that were open may be gone.
afterEach(() => until(() => openFds().every((fd) => open.includes(fd))));

const READING: Readonly<Record<string, (stream: Readable, take: Take, signal: AbortSignal) => Promise<unknown>>> = {
  'pipeline()': (stream, take, signal) => pipeline(stream, sinkOf(take), { signal }),
  'finished()': (stream, take) => {
    takeEach(stream, take);
    return finished(stream);
  },
  'compose()': (stream, take) => takeAll(stream.compose<Duplex>(passThrough(stream.readableObjectMode)), take),
  'Readable.toWeb()': (stream, take) => takeAll(Readable.toWeb(stream), take),
  'for await': (stream, take) => takeAll(stream, take),
};

describe.each(Object.entries({ ...KINDS, ...BOTH_WAYS }))('reading over a %s', (_, connect) => {
  test.each(Object.entries(READING))('%s ends, whatever happens and when', async (way, read) => {
    await forEachCase(async (what) => {
      const { from, to } = connect();
      const script = new Script(
        manager,
        what,
        (error) => stream.destroy(error),
        () => from.close(),
      );
      const { signal } = script.controller;
      const stream = toReadable(manager, to, { highWaterMark: 2, ...(way !== 'pipeline()' && { signal }) });
      const feed = (): boolean => {
        const chunk = script.nextChunk();
        const sent = send(from, chunk);
        script.sent.push(chunk.subarray(0, sent ?? 0));
        return sent !== undefined;
      };
      const transfer = read(stream, take, signal);
      async function take(chunk: Buffer): Promise<void> {
        const count = script.received.push(chunk);
        if (script.isAt(count)) {
          script.do();
        } else if (script.isBlocking && !script.isDone) {
          await script.untilQuiet(({ paused }) => !feed() && paused);
          script.do();
        } else if (script.isWhole(count)) {
          from.close();
          script.do();
        }
        if (!from.closed && !script.isDone) {
          feed();
        }
      }
      const outcome = script.expectOutcome(transfer);
      await script.begin();
      if (!script.isDone) {
        feed();
      }
      await outcome;
      await script.until(() => to.closed);
      expect(manager.size, script.title).toBe(0);
      from.close();
      script.expectBytes();
    });
  });
});

const WRITING: Readonly<Record<string, (stream: Writable, source: Source, signal: AbortSignal) => Promise<unknown>>> = {
  'pipeline()': (stream, source, signal) => pipeline(source, stream, { signal }),
  'finished()': (stream, source) => {
    void writeAll(stream, source).catch(() => undefined);
    return finished(stream);
  },
  'compose()': (stream, source) => pipeline(source, compose(passThrough(stream.writableObjectMode), stream)),
  'Writable.toWeb()': (stream, source) => writeAllToWeb(Writable.toWeb(stream), source),
};

describe.each(Object.entries({ ...KINDS, ...BOTH_WAYS }))('writing over a %s', (_, connect) => {
  test.each(Object.entries(WRITING))('%s ends, whatever happens and when', async (way, write) => {
    await forEachCase(async (what) => {
      const { from, to } = connect();
      const script = new Script(manager, what, (error) => stream.destroy(error));
      const { signal } = script.controller;
      const stream = toWritable(manager, from, { highWaterMark: 2, ...(way !== 'pipeline()' && { signal }) });
      const receiveRest = (): void => receiveAll(to, script.received);
      const outcome = script.expectOutcome(write(stream, () => script.chunks(receiveRest), signal));
      if (script.isBlocking) {
        await script.untilQuiet(({ paused, events }) => !paused && events === EventSet.OUT);
        script.do();
      }
      if (script.act === 'the end') {
        await script.until(() => {
          receiveRest();
          return from.closed;
        });
        await script.until(() => {
          receiveRest();
          return script.hasAllArrived;
        });
      }
      await outcome;
      await script.until(() => from.closed);
      expect(manager.size, script.title).toBe(0);
      receiveRest();
      to.close();
      script.expectBytes();
    });
  });
});

const BOTH: Readonly<
  Record<string, (stream: Duplex, source: Source, take: Take, signal: AbortSignal) => Promise<unknown>>
> = {
  'pipeline()': (stream, source, take, signal) => pipeline(source, stream, sinkOf(take), { signal }),
  'finished()': (stream, source, take) => {
    takeEach(stream, take);
    void writeAll(stream, source).catch(() => undefined);
    return finished(stream);
  },
  'compose()': (stream, source, take) =>
    pipeline(source, compose(stream, passThrough(stream.readableObjectMode)), sinkOf(take)),
  'Duplex.toWeb()': async (stream, source, take) => {
    const { readable, writable } = Duplex.toWeb(stream);
    await all([takeAll(readable, take), writeAllToWeb(writable, source)]);
  },
  'for await': async (stream, source, take) => {
    await all([takeAll(stream, take), writeAll(stream, source)]);
  },
};

describe.each(Object.entries(BOTH_WAYS))('both ways over a %s', (kind, connect) => {
  test.each(Object.entries(BOTH))('%s ends, whatever happens and when', async (way, start) => {
    await forEachCase(async (what) => {
      const { from: far, to: near } = connect();
      const others = new EventManager();
      const othersRunning = others.run();
      const echo = toDuplex(others, far);
      echo.on('error', () => undefined).pipe(echo);
      const script = new Script(manager, what, (error) => stream.destroy(error));
      const { signal } = script.controller;
      const stream = toDuplex(manager, near, { highWaterMark: 2, ...(way !== 'pipeline()' && { signal }) });
      const untilEven = (): Promise<void> => until(() => stream.destroyed || script.hasAllArrived);
      async function* source(): AsyncGenerator<Buffer> {
        yield* script.chunks(untilEven);
        if (kind === 'pty') {
          // It cannot be closed in one direction.
          await untilEven();
          echo.destroy();
        }
      }
      const take = async (chunk: Buffer): Promise<void> => {
        script.received.push(chunk);
        if (script.isBlocking) {
          await until(() => script.isDone);
        }
      };
      const outcome = script.expectOutcome(start(stream, source, take, signal));
      if (script.isBlocking) {
        await script.untilQuiet(({ paused, events }) => !paused && events === EventSet.OUT);
        script.do();
      }
      await outcome;
      await script.until(() => near.closed && (far.closed || kind === 'pty'));
      expect(manager.size, script.title).toBe(0);
      script.expectBytes();
      echo.destroy();
      await script.until(() => far.closed);
      others.close();
      await othersRunning;
    });
  });
});

function sinkOf(take: Take): Writable {
  return new Writable({
    objectMode: true,
    highWaterMark: 1,
    write: (chunk: Buffer, _, done) => void take(chunk).then(() => done(), done),
  });
}

function passThrough(objectMode: boolean): PassThrough {
  return new PassThrough({ objectMode, highWaterMark: 1 });
}

/** Takes chunks by `'data'`. */
function takeEach(stream: Readable, take: Take): void {
  stream.on('data', (chunk: Buffer) => {
    stream.pause();
    void take(chunk).then(() => stream.resume());
  });
}

async function takeAll(chunks: AsyncIterable<Buffer> | ReadableStream, take: Take): Promise<void> {
  for await (const chunk of chunks) {
    await take(Buffer.from(chunk));
  }
}

async function writeAll(stream: Writable, source: Source): Promise<void> {
  for await (const chunk of source()) {
    await new Promise<void>((resolve, reject) => {
      stream.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }
  stream.end();
}

async function writeAllToWeb(stream: WritableStream, source: Source): Promise<void> {
  const writer = stream.getWriter();
  // Rejected as `write` is.
  writer.closed.catch(() => undefined);
  for await (const chunk of source()) {
    await writer.write(chunk);
  }
  await writer.close();
}

/** Waits for all, and throws the first error. */
async function all(promises: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(promises);
  await Promise.all(promises);
}
