import { EventSet } from '@em/core';

/** Checks that an event is IN, the only one in the interest. Every callback does that first. */
export function expectReadable(events: number, readable: number = EventSet.IN): void {
  if (events !== readable) {
    throw new Error(`This is not the event that was asked for: ${events}`);
  }
}
