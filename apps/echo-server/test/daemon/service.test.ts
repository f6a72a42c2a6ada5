import { EventManager, EventSet } from '@em/core';
import { FakePoller } from '@em/testing';
import { expect, test } from 'vitest';
import { failureOf } from '../../src/daemon/service.js';

test('an error that a callback throws is the failure of its thread', async () => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const failure = failureOf(manager);
  manager.add(poller.eventfd(1), EventSet.IN, () => {
    throw new Error('broken');
  });
  const rejected = expect(failure).rejects.toThrow('broken');
  await poller.advance(0);
  await rejected;
});

test('a manager that is closed is no failure', async () => {
  const manager = new EventManager({ poller: new FakePoller() });
  const failure = failureOf(manager);
  manager.close();
  await new Promise(setImmediate);
  expect(await Promise.race([failure, 'pending'])).toBe('pending');
});
