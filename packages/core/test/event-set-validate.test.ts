import { expect, test } from 'vitest';
import { EventSet } from '../src/event-set.js';
import { emError, invalidType, outOfRange } from './expected-errors.js';

const { IN, OUT, PRIORITY, READ_HANG_UP, EXCLUSIVE, ONE_SHOT, EDGE_TRIGGERED, WAKE_UP } = EventSet;

test.each([0, IN, EventSet.ALL - EXCLUSIVE, (EXCLUSIVE | IN | OUT | WAKE_UP | EDGE_TRIGGERED) >>> 0])(
  'validate(%d) accepts it as it is',
  (events) => {
    expect(EventSet.validate(events)).toBe(events);
  },
);

test('validate() makes a negative set unsigned', () => {
  expect(EventSet.validate(1 << 31)).toBe(EDGE_TRIGGERED);
  expect(EventSet.validate(-(2 ** 31))).toBe(EDGE_TRIGGERED);
  expect(EventSet.validate(-0)).toBe(0);
});

test.each(['1', 1n, null, undefined, true, {}, [1], Symbol('IN'), () => IN, new Number(1)])(
  'validate() refuses a value that is not a number: %o',
  (events) => {
    expect(() => EventSet.validate(events)).toThrow(invalidType);
  },
);

test.each([
  Number.NaN,
  1.5,
  2 ** 32,
  2 ** 32 + 1,
  -(2 ** 31) - 1,
  1 - 2 ** 32,
  Number.POSITIVE_INFINITY,
  Number.MAX_SAFE_INTEGER,
])('validate() refuses a number that is not an integer of 32 bits: %d', (events) => {
  expect(() => EventSet.validate(events)).toThrow(outOfRange);
});

test.each([
  [0x20, '0x20'],
  [IN | 0x0400_0040, '0x4000040'],
  [-1, '0xfffdfe0'],
])('validate(%d) refuses bits without an event, and names them: %s', (events, named) => {
  expect(() => EventSet.validate(events)).toThrow(outOfRange);
  expect(() => EventSet.validate(events)).toThrow(`without ${named}.`);
});

test.each([
  [EXCLUSIVE | PRIORITY, 'PRIORITY'],
  [EXCLUSIVE | IN | READ_HANG_UP, 'READ_HANG_UP'],
  [EXCLUSIVE | IN | OUT | ONE_SHOT | EDGE_TRIGGERED, 'ONE_SHOT'],
  [EventSet.ALL, 'PRIORITY|READ_HANG_UP|ONE_SHOT'],
])('validate(%d) refuses EXCLUSIVE, and names the events that it forbids: %s', (events, named) => {
  expect(() => EventSet.validate(events)).toThrow(emError('ERR_EM_CONFLICTING_EVENTS'));
  expect(() => EventSet.validate(events)).toThrow(
    new RegExp(`EXCLUSIVE cannot be combined with ${named.replaceAll('|', '\\|')}$`),
  );
});
