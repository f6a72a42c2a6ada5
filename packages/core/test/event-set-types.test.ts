import { expect, test } from 'vitest';
import { type EventName, EventSet } from '../src/event-set.js';

test('fromNames() accepts lists of names, except literal lists that the kernel would refuse', () => {
  const excluding: (() => EventSet)[] = [
    // @ts-expect-error EXCLUSIVE forbids ONE_SHOT
    () => EventSet.fromNames(['EXCLUSIVE', 'ONE_SHOT']),
    // @ts-expect-error EXCLUSIVE forbids PRIORITY
    () => EventSet.fromNames(['PRIORITY', 'EXCLUSIVE']),
    // @ts-expect-error EXCLUSIVE forbids READ_HANG_UP
    () => EventSet.fromNames(['EXCLUSIVE', 'IN', 'READ_HANG_UP']),
  ];
  for (const make of excluding) {
    expect(() => EventSet.validate(make())).toThrow(expect.objectContaining({ code: 'ERR_EM_CONFLICTING_EVENTS' }));
  }
  const names: EventName[] = ['EXCLUSIVE', 'IN'];
  expect(EventSet.fromNames(names)).toBe(EventSet.fromNames(['EXCLUSIVE', 'IN']));
});
