import { expect, test } from 'vitest';
import { type EventName, EventSet } from '../src/event-set.js';

test('fromNames() takes no list of literals that the kernel would refuse, and any list of names from elsewhere', () => {
  const excluding: (() => EventSet)[] = [
    // @ts-expect-error EXCLUSIVE excludes ONE_SHOT
    () => EventSet.fromNames(['EXCLUSIVE', 'ONE_SHOT']),
    // @ts-expect-error EXCLUSIVE excludes PRIORITY
    () => EventSet.fromNames(['PRIORITY', 'EXCLUSIVE']),
    // @ts-expect-error EXCLUSIVE excludes READ_HANG_UP
    () => EventSet.fromNames(['EXCLUSIVE', 'IN', 'READ_HANG_UP']),
  ];
  for (const make of excluding) {
    expect(() => EventSet.validate(make())).toThrow(expect.objectContaining({ code: 'ERR_EM_CONFLICTING_EVENTS' }));
  }
  const names: EventName[] = ['EXCLUSIVE', 'IN'];
  expect(EventSet.fromNames(names)).toBe(EventSet.fromNames(['EXCLUSIVE', 'IN']));
});
