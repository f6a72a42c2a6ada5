import { EventSet } from '@em/core';
import { expect, test } from 'vitest';
import { FakePoller } from '../../src/index.js';
import { report } from '../report.js';

const { IN, ONE_SHOT, PRIORITY } = EventSet;

test('a trigger reports an event once, in the next wait', () => {
  const poller = new FakePoller();
  const trigger = poller.trigger();
  poller.add(trigger.fd, PRIORITY, 1);
  expect(report(poller)).toEqual([]);
  trigger.fire();
  trigger.fire();
  expect(report(poller)).toEqual(['3 PRIORITY']);
  expect(report(poller)).toEqual([]);
});

test('a trigger also consumes an event that was not asked for', () => {
  const poller = new FakePoller();
  const trigger = poller.trigger();
  poller.add(trigger.fd, IN, 1);
  trigger.fire();
  expect(report(poller)).toEqual([]);
  poller.modify(trigger.fd, PRIORITY, 1);
  expect(report(poller)).toEqual([]);
});

test('a duplicated trigger fires through either fd, but not through a closed one', () => {
  const poller = new FakePoller();
  const trigger = poller.trigger();
  const duplicate = trigger.dup();
  poller.add(trigger.fd, PRIORITY, 1);
  duplicate.fire();
  expect(report(poller)).toEqual(['3 PRIORITY']);
  duplicate.close();
  expect(() => duplicate.fire()).toThrow(expect.objectContaining({ code: 'ERR_EM_CLOSED' }));
});

test('add and modify consume the event of a trigger, unless it was added with ONE_SHOT', () => {
  const poller = new FakePoller();
  const trigger = poller.trigger();
  trigger.fire();
  poller.add(trigger.fd, PRIORITY, 1);
  expect(report(poller)).toEqual([]);
  trigger.fire();
  poller.modify(trigger.fd, PRIORITY, 1);
  expect(report(poller)).toEqual([]);
  poller.delete(trigger.fd);
  trigger.fire();
  poller.add(trigger.fd, PRIORITY | ONE_SHOT, 2);
  poller.modify(trigger.fd, PRIORITY, 3);
  expect(report(poller)).toEqual(['3 PRIORITY']);
});
