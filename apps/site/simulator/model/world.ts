import type { EventManager, Poller } from '@em/core';
import type { FakeInterest } from '@em/testing';
import type { How } from './step.ts';

/** An fd, with the calls of its kind of file. A call that would block returns `undefined`. Each throws errors with codes. */
export interface WorldFd {
  readonly fd: number;
  /** Returns the number of bytes; for an eventfd and a timer, what they counted. */
  read?(maxBytes: number): number | undefined;
  write?(bytes: number): number | undefined;
  shutdown?(how: How): void;
  arm?(ms: number): void;
  /** The time left to the next expiration of a timer, where the world knows it exactly. */
  dueInMs?(): number | undefined;
  fire?(): void;
  dup(): WorldFd;
  /** Closes the number, and leaves the registrations alone, as close(2) does. */
  close(): void;
}

/** The two lists of an instance, where the world can see them. */
export interface Lists {
  readonly interests: readonly FakeInterest[];
  readonly ready: readonly FakeInterest[];
}

/** Where a program runs: the fake kernel, or, in the tests, the real one. */
export interface World {
  poller(): Poller;
  /** The number by which other instances watch this one. A plain one does not protect its files from their polls. */
  fdOf(poller: Poller, manager: EventManager, isPlain: boolean): number;
  pipe(): readonly [WorldFd, WorldFd];
  socketpair(): readonly [WorldFd, WorldFd];
  eventfd(): WorldFd;
  timer(): WorldFd;
  trigger(): WorldFd;
  /** Lets time pass. */
  pass(ms: number): void;
  /** Returns what the waits return. Each that has nothing to report sleeps when `action` runs, and gives up if it is not woken. */
  whileAsleep(pollers: readonly Poller[], waits: readonly (() => void)[], action: () => void): void;
  /** Looks at the lists of an instance. */
  inspect(poller: Poller): Lists | undefined;
  close(): void;
}
