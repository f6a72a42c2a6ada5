import { EventSet } from '@em/core';
import { expect, test } from 'vitest';
import { FakePoller } from '../../src/index.js';
import { report } from '../report.js';

const { IN, PRIORITY } = EventSet;

test('a trigger reports each firing once, to whoever waits first', () => {
  const poller = new FakePoller();
  const trigger = poller.trigger();
  poller.add(trigger.fd, PRIORITY, 1);
  expect(report(poller)).toEqual([]);
  trigger.fire();
  trigger.fire();
  expect(report(poller)).toEqual(['3 PRIORITY']);
  expect(report(poller)).toEqual([]);
});

test('a trigger consumes what was not asked for, too', () => {
  const poller = new FakePoller();
  const trigger = poller.trigger();
  poller.add(trigger.fd, IN, 1);
  trigger.fire();
  expect(report(poller)).toEqual([]);
  poller.modify(trigger.fd, PRIORITY, 1);
  expect(report(poller)).toEqual([]);
});

test('a trigger that is duplicated fires by either fd, and not by a closed one', () => {
  const poller = new FakePoller();
  const trigger = poller.trigger();
  const duplicate = trigger.dup();
  poller.add(trigger.fd, PRIORITY, 1);
  duplicate.fire();
  expect(report(poller)).toEqual(['3 PRIORITY']);
  duplicate.close();
  expect(() => duplicate.fire()).toThrow(expect.objectContaining({ code: 'EBADF' }));
});
