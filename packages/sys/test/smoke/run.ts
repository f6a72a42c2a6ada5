import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EventFd, EventManager, EventSet, UnixStream } from '@em/sys';
import { describe, runTests, test } from '../../../../tools/ci/runtimes/run-tests.js';

const { IN } = EventSet;

test('run() delivers events again and again, until stop()', async () => {
  using manager = new EventManager();
  using eventFd = new EventFd(1);
  let calls = 0;
  manager.add(eventFd, IN, () => {
    eventFd.read();
    if (++calls === 1000) {
      manager.stop();
    } else {
      queueMicrotask(() => eventFd.write());
    }
  });
  await manager.run();
  assert.equal(calls, 1000);
});

test('run() and once() report the events of a file whose poll consumes them', async () => {
  const path = '/proc/sys/kernel/hostname';
  const fd = openSync(path, 'r');
  using manager = new EventManager();
  const run = manager.run();
  const fire = () => writeFileSync(path, readFileSync(path));
  try {
    fire();
  } catch {
    return; // not permitted
  }
  assert.ok((await manager.once(fd, EventSet.PRIORITY)) & EventSet.PRIORITY);
  for (let firing = 0; firing < 3; firing++) {
    const event = manager.once(fd, EventSet.PRIORITY);
    await setImmediate();
    fire();
    assert.ok((await event) & EventSet.PRIORITY);
  }
  let calls = 0;
  manager.add(fd, EventSet.PRIORITY, () => {
    if (++calls === 5) {
      manager.stop();
    } else {
      fire();
    }
  });
  fire();
  await run;
  assert.equal(calls, 5);
});

test('run() ends when its signal aborts, and when the manager is closed', async () => {
  const manager = new EventManager();
  const controller = new AbortController();
  const first = manager.run({ signal: controller.signal });
  controller.abort();
  await first;
  const second = manager.run();
  manager.close();
  await second;
});

test('run() is rejected with the error of a callback; the next run() delivers the rest of the batch', async () => {
  using manager = new EventManager();
  using thrower = new EventFd(1);
  using other = new EventFd(1);
  const refusal = new Error('refused');
  manager.add(thrower, IN | EventSet.ONE_SHOT, () => {
    throw refusal;
  });
  manager.add(other, IN | EventSet.EDGE_TRIGGERED, () => manager.stop());
  await assert.rejects(manager.run(), refusal);
  await manager.run();
});

test("run({ until: 'empty' }) ends after the last registration, and calls a serial callback once per event", async () => {
  using manager = new EventManager();
  using eventFd = new EventFd(1);
  let calls = 0;
  const work = async (): Promise<void> => {
    calls++;
    await setTimeout(5);
    eventFd.read();
  };
  const registration = manager.add(eventFd, IN, work, { serial: true });
  const run = manager.run({ until: 'empty' });
  while (calls === 0 || registration.pending) {
    await setTimeout(5);
  }
  registration.delete();
  await run;
  assert.equal(calls, 1);
});

test('a reader and a writer can wait for one socket at the same time', async () => {
  using manager = new EventManager();
  const run = manager.run();
  const [near, far] = UnixStream.pair();
  const readable = manager.once(near, IN);
  assert.equal(await manager.once(near, EventSet.OUT), EventSet.OUT);
  assert.equal(await manager.once(near, EventSet.PRIORITY, { timeoutMs: 5, throwIfTimedOut: false }), undefined);
  far.write(new Uint8Array(1));
  assert.equal(await readable, IN);
  near.close();
  far.close();
  manager.stop();
  await run;
});

test('once() is fulfilled with the events, and rejected when its signal aborts or its timeout ends', async () => {
  using manager = new EventManager();
  using eventFd = new EventFd();
  const run = manager.run();
  const ready = manager.once(eventFd, IN);
  eventFd.write();
  assert.equal(EventSet.format(await ready), 'IN');
  eventFd.read();
  const controller = new AbortController();
  const aborted = manager.once(eventFd, IN, { signal: controller.signal });
  controller.abort(new Error('enough'));
  await assert.rejects(aborted, /enough/);
  await assert.rejects(manager.once(eventFd, IN, { timeoutMs: 1 }), { code: 'ERR_EM_TIMEOUT' });
  assert.equal(manager.size, 0);
  manager.stop();
  await run;
});

test('on() reports one event at a time', async () => {
  using manager = new EventManager();
  using eventFd = new EventFd(1);
  const run = manager.run();
  let steps = 0;
  for await (const events of manager.on(eventFd, IN)) {
    assert.equal(EventSet.format(events), 'IN');
    if (++steps === 100) {
      break;
    }
  }
  assert.equal(manager.size, 0);
  manager.stop();
  await run;
});

test('while one fd floods run(), timers, promises, an HTTP request and signal handlers go on', async () => {
  using manager = new EventManager();
  using eventFd = new EventFd(1);
  manager.add(eventFd, IN, () => undefined);
  const run = manager.run();
  await hostWork();
  while (manager.stats.dispatched < 100) {
    await setImmediate();
  }
  manager.stop();
  await run;
});

describe('a process with a manager', () => {
  const program = (name: string): string => fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
  const cases = [
    ['ends if nothing is registered', 'nothing-registered', 'exit\n'],
    ['stays alive until its registration ends', 'registered', 'ready\nexit\n'],
    ['ends after unref() in spite of a registration', 'unreferenced', 'exit\n'],
    ['handles exceptions of other code as usual', 'throws', 'as usual\nready\nexit\n'],
  ] as const;
  for (const [name, mode, output] of cases) {
    test(name, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [program('run.mjs'), mode], { timeout: 30_000 });
      assert.equal(stdout, output);
    });
  }

  test('exits at once when a callback calls process.exit(), whatever is watched', async () => {
    await promisify(execFile)(process.execPath, [program('exit.mjs')], { timeout: 30_000 });
  });
});

/** Has the event loop do its usual work: timers, an HTTP request and a signal. Resolves when all of it is done. */
async function hostWork(): Promise<void> {
  const server = createServer((_request, response) => response.end('served')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const signalled = once(process, 'SIGUSR1');
  process.kill(process.pid, 'SIGUSR1');
  const { port } = server.address() as AddressInfo;
  const [response] = await once(get({ host: '127.0.0.1', port, agent: false }), 'response');
  response.resume();
  await Promise.all([signalled, once(response, 'end')]);
  server.close();
  for (let tick = 0; tick < 3; tick++) {
    await setTimeout(1);
  }
}

await runTests();
