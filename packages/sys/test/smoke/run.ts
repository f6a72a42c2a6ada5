import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EventFd, EventManager, EventSet } from '@em/sys';
import { hostWork } from './host-work.js';
import { describe, runTests, test } from './tap.js';

const { IN } = EventSet;

test('run() serves what becomes ready, time and again, until stop()', async () => {
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

test('run(), once() and on() report what a file reports that consumes it by being polled', async () => {
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

test('run() ends with its signal, and with the manager', async () => {
  const manager = new EventManager();
  const controller = new AbortController();
  const first = manager.run({ signal: controller.signal });
  controller.abort();
  await first;
  const second = manager.run();
  manager.close();
  await second;
});

test('run() is rejected with what a callback throws; called again it serves the rest of the batch', async () => {
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

test('once() is fulfilled with the events; rejected when its signal aborts, and when its time is up', async () => {
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

test('on() tells of each event, one at a time', async () => {
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

describe('run() and the process', () => {
  const program = (name: string): string => fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
  const cases = [
    ['with nothing registered it ends', 'nothing-registered', 'exit\n'],
    ['with a registration it stays until that has ended', 'registered', 'ready\nexit\n'],
    ['with a registration but unref() it ends', 'unreferenced', 'exit\n'],
    ['exceptions elsewhere are its own', 'throws', 'as usual\nready\nexit\n'],
  ] as const;
  for (const [name, mode, output] of cases) {
    test(name, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [program('run.mjs'), mode], { timeout: 30_000 });
      assert.equal(stdout, output);
    });
  }

  test('process.exit() in a callback returns at once, whatever is watched', async () => {
    await promisify(execFile)(process.execPath, [program('exit.mjs')], { timeout: 30_000 });
  });
});

await runTests();
