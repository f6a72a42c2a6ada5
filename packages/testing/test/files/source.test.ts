import { EventSet } from '@em/core';
import { expect, test } from 'vitest';
import { FakePoller } from '../../src/index.js';
import { EVERYTHING, report } from '../report.js';

const { IN, OUT, PRIORITY, ERROR, HANG_UP } = EventSet;

test('it is as ready as it was told to be', () => {
  const poller = new FakePoller();
  const source = poller.source();
  poller.add(source.fd, EVERYTHING, 1);
  expect(report(poller)).toEqual([]);
  source.set(IN | PRIORITY);
  source.set(OUT | ERROR);
  expect(report(poller)).toEqual(['3 IN|PRIORITY|OUT|ERROR']);
  source.clear(IN | ERROR);
  expect(report(poller)).toEqual(['3 PRIORITY|OUT']);
  source.clear();
  expect(report(poller)).toEqual([]);
  source.set(HANG_UP);
  expect(report(poller)).toEqual(['3 HANG_UP']);
});

test('what a file cannot be is refused', () => {
  const source = new FakePoller().source();
  for (const events of [0x10_0000, -1, IN | EventSet.ONE_SHOT]) {
    expect(() => source.set(events)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
    expect(() => source.clear(events)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  }
  expect(() => source.clear('IN' as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
});
