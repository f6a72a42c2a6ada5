import { describe, expect, test } from 'vitest';
import { type EventName, EventSet } from '../src/event-set.js';
import { outOfRange } from './expected-errors.js';

/** The values of `enum EPOLL_EVENTS`, sys/epoll.h: the ABI. */
const ABI: Record<EventName, number> = {
  IN: 0x001,
  PRIORITY: 0x002,
  OUT: 0x004,
  ERROR: 0x008,
  HANG_UP: 0x010,
  READ_HANG_UP: 0x2000,
  EXCLUSIVE: 2 ** 28,
  WAKE_UP: 2 ** 29,
  ONE_SHOT: 2 ** 30,
  EDGE_TRIGGERED: 2 ** 31,
};
const NAMES = Object.keys(ABI) as EventName[];
const { IN, OUT, HANG_UP, EDGE_TRIGGERED, ALL, EMPTY } = EventSet;
const NEGATIVE_EDGE = 1 << 31;

describe('the constants', () => {
  test.each(NAMES)('%s has the value of the epoll ABI', (name) => {
    expect(EventSet[name]).toBe(ABI[name]);
  });

  test('EMPTY has no event, ALL every event', () => {
    expect(EMPTY).toBe(0);
    expect(ALL).toBe(NAMES.reduce((sum, name) => sum + ABI[name], 0));
  });
});

describe('the predicates', () => {
  test.each([
    { events: IN | OUT, wanted: IN, has: true, intersects: true },
    { events: IN | OUT, wanted: IN | OUT, has: true, intersects: true },
    { events: IN | OUT, wanted: IN | HANG_UP, has: false, intersects: true },
    { events: IN, wanted: OUT, has: false, intersects: false },
    { events: IN, wanted: EMPTY, has: true, intersects: false },
    { events: EMPTY, wanted: IN, has: false, intersects: false },
    { events: EDGE_TRIGGERED | IN, wanted: EDGE_TRIGGERED, has: true, intersects: true },
    { events: ALL, wanted: NEGATIVE_EDGE, has: true, intersects: true },
    { events: NEGATIVE_EDGE, wanted: EDGE_TRIGGERED, has: true, intersects: true },
    { events: IN, wanted: EDGE_TRIGGERED, has: false, intersects: false },
  ])('has($events, $wanted) is $has, intersects is $intersects', ({ events, wanted, has, intersects }) => {
    expect(EventSet.has(events, wanted)).toBe(has);
    expect(EventSet.intersects(events, wanted)).toBe(intersects);
  });
});

describe('the operations', () => {
  const a = NEGATIVE_EDGE | IN | OUT;
  const b = EDGE_TRIGGERED | OUT | HANG_UP;

  test.each([
    ['union', EventSet.union(a, b), [IN, OUT, HANG_UP, EDGE_TRIGGERED]],
    ['intersection', EventSet.intersection(a, b), [OUT, EDGE_TRIGGERED]],
    ['difference', EventSet.difference(a, b), [IN]],
    ['difference with bit 31', EventSet.difference(a, OUT), [IN, EDGE_TRIGGERED]],
    ['symmetricDifference', EventSet.symmetricDifference(a, b), [IN, HANG_UP]],
    ['symmetricDifference with bit 31', EventSet.symmetricDifference(a, IN), [OUT, EDGE_TRIGGERED]],
    ['complement of none', EventSet.complement(EMPTY), [ALL]],
    ['complement of all', EventSet.complement(ALL), []],
    ['complement', EventSet.complement(ALL - EDGE_TRIGGERED - IN), [IN, EDGE_TRIGGERED]],
    ['complement of bits that are no event', EventSet.complement(0x0fff_dfe0), [ALL]],
    ['fromNames', EventSet.fromNames(['IN', 'EDGE_TRIGGERED', 'IN']), [IN, EDGE_TRIGGERED]],
    ['fromNames of none', EventSet.fromNames([]), []],
    ['validate', EventSet.validate(a), [IN, OUT, EDGE_TRIGGERED]],
  ])('%s is the unsigned sum of its bits', (_operation, result, bits) => {
    expect(result).toBe(bits.reduce((sum, bit) => sum + bit, 0));
  });
});

describe('the names', () => {
  test('toNames is the inverse of fromNames, lowest bit first', () => {
    expect(EventSet.toNames(ALL)).toEqual(NAMES);
    expect(EventSet.toNames(EventSet.fromNames(['HANG_UP', 'IN']))).toEqual(['IN', 'HANG_UP']);
    expect(EventSet.toNames(NEGATIVE_EDGE)).toEqual(['EDGE_TRIGGERED']);
  });

  test('toNames leaves out bits without a name', () => {
    expect(EventSet.toNames(0x20 | IN)).toEqual(['IN']);
    expect(EventSet.toNames(EMPTY)).toEqual([]);
  });

  test.each([
    [EMPTY, 'EMPTY'],
    [IN, 'IN'],
    [IN | HANG_UP, 'IN|HANG_UP'],
    [NEGATIVE_EDGE, 'EDGE_TRIGGERED'],
    [IN | 0x20 | 0x40, 'IN|0x60'],
    [0x0800_0000, '0x8000000'],
  ])('format(%d) is %s', (events, text) => {
    expect(EventSet.format(events)).toBe(text);
  });

  test('fromNames refuses a name that is not an event, and lists the names', () => {
    expect(() => EventSet.fromNames(['IN', 'INN' as EventName])).toThrow(outOfRange);
    expect(() => EventSet.fromNames(['INN' as EventName])).toThrow(/one of IN, PRIORITY, .*Received 'INN'/);
    expect(() => EventSet.fromNames(['EMPTY' as EventName])).toThrow(outOfRange);
    expect(() => EventSet.fromNames(['toString' as EventName])).toThrow(outOfRange);
  });
});
