import { EventSet } from '@em/core';
import type { Frame, SubscriptionView } from './program.ts';

/** Says what a frame shows, one sentence or two for each subscription. */
export function describe({ subscriptions }: Frame): readonly string[] {
  return subscriptions.map((subscription) => `${calls(subscription)} ${situation(subscription)}`);
}

function calls({ name, reports }: SubscriptionView): string {
  const times = ['never called', 'called once', 'called twice'][reports.length] ?? `called ${reports.length} times`;
  return `${name} was ${times}.`;
}

function situation({ state, pending, isQueued, isReachable }: SubscriptionView): string {
  if (state === 'ended') {
    return 'It is deleted.';
  }
  if (state === 'paused') {
    return 'It is paused.';
  }
  if (state === 'fired') {
    return 'It is disarmed until you arm it again.';
  }
  if (pending === EventSet.EMPTY) {
    return 'It has nothing to report.';
  }
  const events = EventSet.format(pending);
  const through = isReachable ? '' : ', although its number is closed';
  return isQueued
    ? `It is in the ready list with ${events}${through}.`
    : `${events} is true, but it is not in the ready list: a wait does not report it.`;
}
