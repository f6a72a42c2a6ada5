import { EventSet } from '@em/core';

/** What a file notifies when it changes: an item of an interest list. */
export interface Watcher {
  /** Whether the file notifies the others first. */
  readonly isExclusive: boolean;

  /**
   * The file has changed, perhaps to these events. `EMPTY` means that the watcher has to ask.
   *
   * @returns Whether the event is taken, so that the others need not wake: an exclusive watcher has woken a wait.
   */
  wakeUp(events: EventSet): boolean;

  /** The last fd of the file was closed. The file no longer has this watcher. */
  fileClosed(): void;
}

/**
 * An open file description: what an fd and its duplicates stand for. It knows the events that are true of it, and wakes
 * its watchers when another may have become true.
 */
export abstract class OpenFile {
  /** Whether epoll can watch it. */
  readonly pollable: boolean = true;
  /** Newest first, exclusive ones last: `add_wait_queue` inserts in front, `add_wait_queue_exclusive` at the end. */
  readonly #watchers: Watcher[] = [];
  #fdCount = 0;

  /** The events that are true of it now, whether or not a watcher asks for them. */
  abstract events(): EventSet;

  /** The same, for a wait, an add or a modify. A file whose poll consumes its event clears it here. */
  poll(): EventSet {
    return this.events();
  }

  /** Called when the last fd is closed, after the watchers are gone. */
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
      // With EMPTY the kernel wakes all of them: `wake_up_interruptible_all`.
      if (watcher.wakeUp(events) && events !== EventSet.EMPTY) {
        return;
      }
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
