import { EventSet } from '@em/core';

/** What a callback does first: nothing but readability was asked for. */
export function expectReadable(events: number, readable: number = EventSet.IN): void {
  if (events !== readable) {
    throw new Error(`This is not the event that was asked for: ${events}`);
  }
}
