import { EventManager, EventSet } from '@em/core';
import { FakePoller } from '@em/testing';
import { expect, test } from 'vitest';
import { serve } from '../src/serve.js';

test("it serves between turns of Node's event loop, until it is told to stop", async () => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const controller = new AbortController();
  const eventFd = poller.eventfd();
  let served = 0;
  manager.add(eventFd, EventSet.IN, () => {
    eventFd.read();
    served++;
    // Only a turn of the loop runs it.
    setTimeout(() => controller.abort());
  });
  poller.after(250, () => void eventFd.write(1n));
  await serve(manager, controller.signal);
  expect(served).toBe(1);
});

test('it waits a tenth of a second at a time', async () => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const controller = new AbortController();
  poller.after(1000, () => controller.abort());
  await serve(manager, controller.signal);
  expect(poller.nowMs).toBe(1000);
  expect(manager.stats.waits).toBe(10);
});

test('it does not wait when it has been told to stop before', async () => {
  const manager = new EventManager({ poller: new FakePoller() });
  await serve(manager, AbortSignal.abort());
  expect(manager.stats.waits).toBe(0);
});
