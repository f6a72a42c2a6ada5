// node-test.test.ts runs this file with `node --test`. It is not a test of vitest.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { EventManager } from '@em/core';
import { FakePoller } from '@em/testing';
import { EXPECTED_IN_AN_HOUR, virtualHour } from '../virtual-hour.ts';

test('virtual time passes while the timers of the host stand still', async () => {
  mock.timers.enable();
  assert.deepEqual(await virtualHour(new FakePoller()), EXPECTED_IN_AN_HOUR);
  assert.equal(Date.now(), 0);
  mock.timers.reset();
});

test('the clock of the host does not move that of the poller', async () => {
  mock.timers.enable();
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  let called = 0;
  manager.after(1_000, () => void called++);
  void manager.run();
  mock.timers.tick(10_000);
  await poller.advance(999);
  assert.equal(called, 0);
  await poller.advance(1);
  assert.equal(called, 1);
  mock.timers.reset();
});
