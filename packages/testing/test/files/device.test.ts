import { EventSet } from '@em/core';
import { expect, test } from 'vitest';
import { FakePoller } from '../../src/index.js';
import { EVERYTHING, report } from '../report.js';

const { IN, OUT, PRIORITY, ERROR, HANG_UP } = EventSet;

test('a device has the events that the test sets', () => {
  const poller = new FakePoller();
  const device = poller.device();
  poller.add(device.fd, EVERYTHING, 1);
  expect(report(poller)).toEqual([]);
  device.set(IN | PRIORITY);
  device.set(OUT | ERROR);
  expect(report(poller)).toEqual(['3 IN|PRIORITY|OUT|ERROR']);
  device.clear(IN | ERROR);
  expect(report(poller)).toEqual(['3 PRIORITY|OUT']);
  device.clear();
  expect(report(poller)).toEqual([]);
  device.set(HANG_UP);
  expect(report(poller)).toEqual(['3 HANG_UP']);
});

test('a device refuses events that cannot be true of a file', () => {
  const device = new FakePoller().device();
  for (const events of [0x10_0000, -1, IN | EventSet.ONE_SHOT]) {
    expect(() => device.set(events)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
    expect(() => device.clear(events)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  }
  expect(() => device.clear('IN' as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
});
