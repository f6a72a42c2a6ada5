import { EventSet } from '@em/core';
import type { InterestItem } from './interest-item.js';

/** Thrown instead of hanging the test: a wait for ever in which nothing can happen. */
export interface WouldBlockError extends Error {
  readonly code: 'ERR_EM_FAKE_WOULD_BLOCK';
}

export function wouldBlock(items: Iterable<InterestItem>): WouldBlockError {
  const watched = [...items].map(describe).join(', ') || 'nothing';
  const error = new Error(
    `Cannot wait for ever: nothing is ready, and nothing is planned with after(). Watched: ${watched}`,
  );
  return Object.assign(error, { code: 'ERR_EM_FAKE_WOULD_BLOCK' as const });
}

function describe({ fd, events, armed }: InterestItem): string {
  return `fd ${fd} (${EventSet.format(events)}${armed ? '' : ', fired'})`;
}
