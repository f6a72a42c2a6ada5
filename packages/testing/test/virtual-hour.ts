import { EventManager, EventSet } from '@em/core';
import type { FakePoller } from '@em/testing';

const { IN } = EventSet;
const HOUR_MS = 3_600_000;

export const EXPECTED_IN_AN_HOUR = [
  'timer at 1200000',
  'event at 1500000',
  'timeout at 1800000',
  'timer at 2400000',
  'timer at 3600000',
  'end at 3600000',
];

/** Lets an hour pass for a manager with timers, a timeout and an event. Returns what was called, and when. */
export async function virtualHour(poller: FakePoller): Promise<readonly string[]> {
  const manager = new EventManager({ poller });
  const seen: string[] = [];
  const note = (what: string): void => void seen.push(`${what} at ${poller.nowMs}`);
  const eventFd = poller.eventfd();
  manager.add(eventFd, IN, () => {
    eventFd.read();
    note('event');
  });
  manager.every(HOUR_MS / 3, () => note('timer'));
  const once = manager.once(poller.eventfd(), IN, { timeoutMs: HOUR_MS / 2 }).catch(() => note('timeout'));
  poller.after(1_500_000, () => eventFd.write(1n));
  const running = manager.run();
  await poller.advance(HOUR_MS);
  await once;
  manager.close();
  await running;
  note('end');
  return seen;
}
