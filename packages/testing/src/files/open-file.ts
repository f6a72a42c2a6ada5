import type { EventSet } from '@em/core';

/** Somebody who wants to know when a file changes: an item of an interest list. */
export interface Watcher {
  /** Whether the others are told first. */
  readonly isExclusive: boolean;

  /** Something happened. `events` is what the file says of it; `EMPTY` means "look for yourself". */
  wakeUp(events: EventSet): void;

  /** The last fd of the file was closed. The watcher is forgotten. */
  fileClosed(): void;
}

/**
 * An open file description: what one fd, or several after a `dup`, stand for. It knows how ready it is, and wakes its
 * watchers whenever it may have become more so.
 */
export abstract class OpenFile {
  /** Whether epoll accepts it. */
  readonly pollable: boolean = true;
  /** Newest first, but exclusive ones last: `add_wait_queue` puts in front, `add_wait_queue_exclusive` at the end. */
  readonly #watchers: Watcher[] = [];
  #fdCount = 0;

  /** What is true of it now, whoever is interested. */
  abstract readiness(): EventSet;

  /** What a wait finds true of it. A file whose poll consumes the event clears it. */
  poll(): EventSet {
    return this.readiness();
  }

  /** What else happens when the last fd is closed; the watchers are gone by then. */
  protected release?(): void;

  watch(watcher: Watcher): void {
    if (watcher.isExclusive) {
      this.#watchers.push(watcher);
    } else {
      this.#watchers.unshift(watcher);
    }
  }

  unwatch(watcher: Watcher): void {
    this.#watchers.splice(this.#watchers.indexOf(watcher), 1);
  }

  wakeUp(events: EventSet): void {
    for (const watcher of this.#watchers) {
      watcher.wakeUp(events);
    }
  }

  fdOpened(): void {
    this.#fdCount++;
  }

  fdClosed(): void {
    this.#fdCount--;
    if (this.#fdCount === 0) {
      for (const watcher of this.#watchers.splice(0)) {
        watcher.fileClosed();
      }
      this.release?.();
    }
  }
}
