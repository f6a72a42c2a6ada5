import { execFile } from 'node:child_process';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { close, dup, EventFd, EventManager, EventSet } from '../../src/index.js';
import { onEachHostLoop } from '../support/host-loops.js';

const { IN } = EventSet;
const floodProgram = fileURLToPath(new URL('../programs/flood.mjs', import.meta.url));

let manager: EventManager;
let eventFd: EventFd;

beforeEach(() => {
  manager = new EventManager();
  eventFd = new EventFd();
});

afterEach(() => {
  manager.close();
  eventFd.close();
});

onEachHostLoop('run()', () => {
  test('delivers events again and again, until stop()', async () => {
    let calls = 0;
    manager.add(eventFd, IN, () => {
      eventFd.read();
      if (++calls === 1000) {
        manager.stop();
      } else {
        queueMicrotask(() => eventFd.write());
      }
    });
    eventFd.write();
    await manager.run();
    expect(calls).toBe(1000);
  });

  test('calls timers in the order in which they are due, between timers and promises of the host', async () => {
    const called: string[] = [];
    const startMs = performance.now();
    manager.after(22, () => {
      expect(performance.now() - startMs).toBeGreaterThanOrEqual(22);
      called.push('last');
      ticks.cancel();
      manager.stop();
    });
    const ticks = manager.every(5, () => void called.push('tick'));
    void setTimeout(1).then(() => called.push('of the host'));
    await manager.run();
    expect(called[0]).toBe('of the host');
    expect(called.at(-1)).toBe('last');
    expect(called.length).toBeLessThanOrEqual(6);
  });

  test('calls a serial callback once per event, although the event is true until its promise settles', async () => {
    let calls = 0;
    let isBusy = false;
    const work = async () => {
      expect(isBusy).toBe(false);
      isBusy = true;
      for (let turn = 0; turn < 20; turn++) {
        await setImmediate();
      }
      eventFd.read();
      isBusy = false;
      if (++calls === 5) {
        manager.stop();
      } else {
        eventFd.write();
      }
    };
    for (const events of [IN, EventSet.union(IN, EventSet.EDGE_TRIGGERED)]) {
      calls = 0;
      eventFd.write();
      const { waits, dispatched } = manager.stats;
      const registration = manager.add(eventFd, events, work, { serial: true });
      await manager.run();
      expect(manager.stats.dispatched - dispatched).toBe(5);
      expect(manager.stats.waits - waits).toBeLessThan(20);
      registration.delete();
    }
  });

  test('ends when its signal aborts, and when the manager is closed', async () => {
    const controller = new AbortController();
    const run = manager.run({ signal: controller.signal });
    controller.abort();
    await run;
    await manager.run({ signal: controller.signal });
    const second = manager.run();
    manager.close();
    await second;
    await expect(manager.run()).rejects.toMatchObject({ code: 'ERR_EM_CLOSED' });
  });

  test('is refused while it is under way, and for a signal that is not an AbortSignal', async () => {
    const run = manager.run();
    await expect(manager.run()).rejects.toMatchObject({ code: 'ERR_EM_ALREADY_RUNNING' });
    await expect(manager.run({ signal: {} as AbortSignal })).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    manager.stop();
    await run;
  });

  test('is rejected with the error of a callback; the next run() delivers the rest of the batch first', async () => {
    const refusal = new Error('refused');
    const last = vi.fn(() => manager.stop());
    using other = new EventFd(1);
    eventFd.write();
    manager.add(eventFd, IN, () => {
      eventFd.read();
      throw refusal;
    });
    manager.add(other, IN | EventSet.EDGE_TRIGGERED, last);
    await expect(manager.run()).rejects.toBe(refusal);
    expect(last).not.toHaveBeenCalled();
    await manager.run();
    expect(last).toHaveBeenCalledOnce();
  });

  test('is rejected with the rejection of an async callback', async () => {
    const refusal = new Error('refused');
    const asynchronous = new EventManager();
    asynchronous.add(eventFd, IN | EventSet.ONE_SHOT, async () => {
      await setTimeout(1);
      throw refusal;
    });
    eventFd.write();
    await expect(asynchronous.run()).rejects.toBe(refusal);
    asynchronous.close();
  });

  test('goes on after a rebuild of the poller', async () => {
    const orphan = new EventFd(1).detach();
    const duplicate = dup(orphan);
    const registration = manager.add(orphan, IN, vi.fn());
    close(orphan);
    registration.delete();
    manager.add(eventFd, IN, () => manager.stop());
    const run = manager.run();
    while (manager.stats.waits < 2) {
      await setImmediate();
    }
    for (let turns = 0; turns < 20; turns++) {
      await setImmediate();
    }
    const { waits, stale } = manager.stats;
    expect(stale).toBe(1);
    expect(waits).toBeLessThan(5);
    eventFd.write();
    await run;
    close(duplicate);
  });

  test('delivers after other managers ran with the same fds in the same turn', async () => {
    for (let managers = 0; managers < 50; managers++) {
      const former = new EventManager();
      void former.run();
      former.close();
    }
    const last = new EventManager();
    last.add(eventFd, IN, () => last.stop());
    eventFd.write();
    await last.run();
    expect(last.stats.dispatched).toBe(1);
    last.close();
  });

  test('ends a turn of the host loop after four batches, even if the next one is ready at once', async () => {
    const waitBriefly = new EventManager();
    // Spends some time after each callback. The next batch is ready meanwhile.
    manager.add(eventFd, IN, () => queueMicrotask(() => waitBriefly.wait(0.1)));
    eventFd.write();
    const run = manager.run();
    let turns = 0;
    while (manager.stats.waits < 200) {
      await setImmediate();
      turns++;
    }
    expect(turns).toBeGreaterThanOrEqual(50);
    waitBriefly.close();
    manager.stop();
    await run;
  });

  test('while one fd floods it, an interval, promises, an HTTP request and SIGTERM go on as usual', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [floodProgram], {
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
    const { control, flooded } = JSON.parse(stdout);
    expect(flooded.elapsedMs).toBeLessThan(3 * control.elapsedMs);
    expect(flooded.requests).toBeGreaterThan(control.requests / 4);
    expect(flooded.signals).toBeGreaterThan(control.signals / 4);
    // The chain takes one step per turn of the host loop. The flood takes four; with a thread, one in every other turn.
    expect(flooded.batches).toBeLessThan(1.5 * 4 * flooded.chain);
    expect(flooded.batches).toBeGreaterThan(flooded.chain / 20);
  });
});
