// Sends bytes and messages through streams, over each kind of fd.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { toDuplex, toReadable, toWritable } from '@em/streams';
import { EventManager, UnixSeqpacket, UnixStream } from '@em/sys';
import { runTests, test } from '../../../../tools/ci/runtimes/run-tests.js';
import { KINDS } from '../kinds.js';

const BYTES = Buffer.alloc(300_000, 'abcdefghijk');

/** Defines a test with a manager that runs. After the test, no registration may be left. */
function testRunning(name: string, run: (manager: EventManager) => Promise<void>): void {
  test(name, async () => {
    using manager = new EventManager();
    const running = manager.run();
    await run(manager);
    assert.equal(manager.size, 0);
    manager.stop();
    await running;
  });
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function untilClosed(stream: Readable | Writable): Promise<unknown> {
  return stream.closed ? Promise.resolve() : once(stream, 'close');
}

for (const [kind, connect] of Object.entries(KINDS)) {
  testRunning(`over a ${kind}, bytes arrive as they were sent`, async (manager) => {
    const { from, to } = connect();
    const incoming = toReadable(manager, to);
    const [, received] = await Promise.all([
      pipeline(Readable.from([BYTES]), toWritable(manager, from)),
      bytesOf(incoming),
    ]);
    assert.ok(received.equals(BYTES));
    await untilClosed(incoming);
    assert.deepEqual([from.closed, to.closed], [true, true]);
  });

  testRunning(`over a ${kind}, a pipeline through gzip and back gives the bytes`, async (manager) => {
    const { from, to } = connect();
    const received: Buffer[] = [];
    await Promise.all([
      pipeline(Readable.from([BYTES]), createGzip(), toWritable(manager, from)),
      pipeline(toReadable(manager, to), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          received.push(chunk);
        }
      }),
    ]);
    assert.ok(Buffer.concat(received).equals(BYTES));
  });

  testRunning(`over a ${kind}, a reader that stops reading is not called, even after a hang-up`, async (manager) => {
    const { from, to } = connect();
    const stream = toReadable(manager, to, { highWaterMark: 1 });
    from.write(Buffer.from('abc'));
    await once(stream, 'readable');
    from.close();
    await setImmediate();
    const { dispatched } = manager.stats;
    for (let turn = 0; turn < 100; turn++) {
      await setImmediate();
    }
    assert.ok(manager.stats.dispatched - dispatched <= 1);
    assert.equal(String(await bytesOf(stream)), 'abc');
  });

  testRunning(`over a ${kind}, an abort ends a stream`, async (manager) => {
    const { from, to } = connect();
    const controller = new AbortController();
    const stream = toReadable(manager, to, { signal: controller.signal });
    const end = finished(stream.resume());
    await setImmediate();
    controller.abort();
    await assert.rejects(end, { name: 'AbortError' });
    await untilClosed(stream);
    from.close();
  });

  testRunning(`over a ${kind}, Readable.toWeb() takes a stream`, async (manager) => {
    const { from, to } = connect();
    const stream = toReadable(manager, to);
    const reader = Readable.toWeb(stream).getReader();
    from.write(Buffer.from('abc'));
    assert.equal(Buffer.from((await reader.read()).value).toString(), 'abc');
    from.close();
    assert.equal((await reader.read()).done, true);
    await untilClosed(stream);
  });
}

testRunning('a duplex sends and receives at once', async (manager) => {
  const [near, far] = UnixStream.pair();
  const echo = toDuplex(manager, far);
  echo.pipe(echo);
  const stream = toDuplex(manager, near);
  stream.end(BYTES);
  assert.ok((await bytesOf(stream)).equals(BYTES));
  await Promise.all([untilClosed(stream), untilClosed(echo)]);
});

testRunning('each chunk of a seqpacket socket is a message, an empty one too', async (manager) => {
  const [near, far] = UnixSeqpacket.pair();
  const sending = toWritable(manager, near);
  const receiving = toReadable(manager, far);
  const messages: string[] = [];
  receiving.on('data', (message) => messages.push(String(message)));
  for (const message of ['one', '', 'three']) {
    sending.write(Buffer.from(message));
  }
  while (messages.length < 3) {
    await setImmediate();
  }
  sending.end();
  await finished(receiving);
  assert.deepEqual(messages, ['one', '', 'three']);
  await Promise.all([untilClosed(sending), untilClosed(receiving)]);
});

await runTests();
