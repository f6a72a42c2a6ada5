import { attempt } from './closing.js';
import { Entry, type EntryOwner, type EntryRequest } from './entry.js';
import { alreadyRegistered, closed, conflictingEvents, isAlreadyThere, notRegistered } from './errors.js';
import { EventSet } from './event-set.js';
import { announce } from './fd-object.js';
import { FdTable } from './fd-table.js';
import type { Observer } from './observer.js';
import type { Poller } from './poller.js';
import type { ReadyBatch } from './ready-batch.js';
import { follow } from './signal.js';

/**
 * Holds the entries, and keeps them consistent with the poller. It always calls the poller first, and changes the
 * entries only if the poller accepts.
 *
 * Every registration gets a generation of its own, and the poller reports it with each event. If it is not the
 * generation of the fd's present entry, the event belongs to a registration that has ended.
 */
export class Registry implements EntryOwner {
  /** Called after a registration was added or has ended. */
  onResize: (() => void) | undefined;
  /** Called when an entry is added to `late`. */
  onLate: (() => void) | undefined;
  readonly entries: FdTable<Entry> = new FdTable();
  /** Entries whose missed events can be delivered now. */
  readonly late: Entry[] = [];
  readonly #poller: Poller;
  readonly #observer: Observer | undefined;
  #generation: number;
  #revision = 0;
  #refs = 0;
  #closed = false;

  /** @param lastGeneration - The generation before the first, for tests of the wrap at 2³². */
  constructor(poller: Poller, lastGeneration = 0) {
    this.#poller = poller;
    this.#observer = poller.observer;
    this.#generation = lastGeneration;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Grows with every change that can make an event stale which the poller has reported already. */
  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.entries.size;
  }

  /** How many entries keep the process alive. */
  get refs(): number {
    return this.#refs;
  }

  get(fd: number): Entry | undefined {
    return this.entries.get(fd);
  }

  [Symbol.iterator](): Generator<Entry, void, undefined> {
    return this.entries[Symbol.iterator]();
  }

  assertOpen(method: string): void {
    if (this.#closed) {
      throw closed(method);
    }
  }

  add(request: EntryRequest): Entry {
    const { target, signal } = request;
    const entry = new Entry(this, request);
    // Calls code of the user, which may throw: before anything that would have to be undone.
    announce(entry, target);
    if (signal !== undefined) {
      entry.extras.detach = follow(signal, () => entry.delete());
    }
    try {
      this.#admit(entry);
    } catch (error) {
      entry.extras.detach?.();
      throw error;
    }
    return entry;
  }

  modify(entry: Entry, wanted: EventSet, action: 'modify' | 'rearm'): void {
    const events = EventSet.validate(wanted);
    this.#assertActive(entry, action);
    if (((events | entry.events) & EventSet.EXCLUSIVE) !== 0) {
      throw conflictingEvents(
        `Cannot ${action} fd ${entry.fd}: only add() can set EXCLUSIVE; delete the registration and add it again`,
      );
    }
    if (entry.paused) {
      entry.become('paused', events);
    } else if (entry.pending) {
      this.#leavePoller(entry);
      entry.become('held', events);
    } else {
      if (entry.isWatched) {
        // Re-arming a ONE_SHOT makes an event of the former arming stale, if one is in the batch: the poller reports
        // again what is still ready, so that each arming reports once.
        const generation = (events & EventSet.ONE_SHOT) !== 0 ? this.#nextGeneration() : entry.generation;
        this.#poller.modify(entry.fd, events, generation);
        entry.generation = generation;
      } else {
        this.#joinPoller(entry, events);
      }
      entry.become('watched', events);
    }
    this.#revision++;
  }

  /** Leaves the poller, since an empty interest would still report ERROR and HANG_UP. */
  pause(entry: Entry): void {
    this.#assertActive(entry, 'pause');
    if (!entry.paused) {
      this.#leavePoller(entry);
      entry.become(entry.fired ? 'paused-fired' : 'paused', entry.events);
      this.#revision++;
    }
  }

  resume(entry: Entry): void {
    this.#assertActive(entry, 'resume');
    if (!entry.paused) {
      return;
    }
    if (entry.fired) {
      entry.become('unwatched', entry.events);
    } else if (entry.pending) {
      entry.become('held', entry.events);
    } else {
      this.#joinPoller(entry, entry.events);
      entry.become('watched', entry.events);
      this.#revision++;
    }
  }

  setRef(entry: Entry, isRef: boolean): void {
    if (entry.active) {
      this.#refs += Number(isRef) - Number(entry.isRef);
    }
    entry.isRef = isRef;
    this.onResize?.();
  }

  /** The callback of a serial entry is about to be called. */
  begin(entry: Entry): void {
    entry.extras.pending = true;
    entry.deliverable = 0;
  }

  /** Stops watching a pending entry, unless it can stay: an edge-triggered one does not report again and again. */
  suspend(entry: Entry): void {
    if (entry.state === 'watched' && (entry.events & EventSet.EDGE_TRIGGERED) === 0) {
      this.#leavePoller(entry);
      entry.become('held', entry.events);
      this.#revision++;
    }
  }

  /** Keeps an event that came while the entry was pending. */
  defer(entry: Entry, events: EventSet): void {
    this.suspend(entry);
    if (entry.isWatched) {
      entry.extras.missed |= events & entry.reportable;
    }
  }

  /** The callback of a serial entry has ended. */
  release(entry: Entry): void {
    entry.extras.pending = false;
    if (entry.state === 'held') {
      // If the poller refuses, it stays paused, as after a `resume` that fails.
      entry.become('paused', entry.events);
      this.resume(entry);
    } else if (entry.active) {
      entry.deliverable = entry.paused ? 0 : entry.reportable;
      if (entry.extras.missed !== 0) {
        this.late.push(entry);
        this.onLate?.();
        this.#poller.onLeftovers?.();
      }
    }
  }

  /** Fills a batch with events that were missed. Returns how many there were. */
  takeLate(batch: ReadyBatch): number {
    let count = 0;
    while (count < batch.capacity && this.late.length > 0) {
      const { fd, generation, extras } = this.late.shift() as Entry;
      if (extras.missed !== 0) {
        batch.set(count++, fd, extras.missed, generation);
        batch.cause = 'events';
        extras.missed = 0;
      }
    }
    return count;
  }

  delete(entry: Entry): boolean {
    if (!entry.active) {
      return false;
    }
    const { isWatched } = entry;
    const closeTarget = this.#end(entry);
    try {
      entry.extras.detach?.();
    } finally {
      try {
        if (isWatched) {
          this.#poller.delete(entry.fd);
        }
      } finally {
        closeTarget?.();
      }
    }
    return true;
  }

  /** The entries that the poller has. */
  watched(): Entry[] {
    return [...this.entries].filter(({ isWatched }) => isWatched);
  }

  /**
   * Makes the poller start again, if it can. Leaves out a ONE_SHOT that has fired, because to add it would arm it. If
   * the poller refuses, all is as before, and the next event of an orphan leads to the next attempt.
   */
  rebuildPoller(): void {
    if (this.#poller.rebuild === undefined) {
      return;
    }
    const watched = this.watched();
    try {
      this.#poller.rebuild(watched.filter(({ fired }) => !fired));
    } catch {
      return;
    }
    for (const entry of watched) {
      if (entry.fired) {
        entry.state = 'unwatched';
      }
    }
  }

  /** Ends every registration and closes the poller, even if some steps fail. Returns their errors. Idempotent. */
  close(): unknown[] {
    if (this.#closed) {
      return [];
    }
    this.#closed = true;
    const failures: unknown[] = [];
    const closings = [...this.entries].map((entry) => {
      const closeTarget = this.#end(entry);
      attempt(() => entry.extras.detach?.(), failures);
      return closeTarget;
    });
    attempt(() => this.#poller.close(), failures);
    for (const closeTarget of closings) {
      attempt(() => closeTarget?.(), failures);
    }
    return failures;
  }

  #admit(entry: Entry): void {
    const { fd, events } = entry;
    this.assertOpen('add');
    const holder = this.entries.get(fd);
    if (holder?.isWatched === false) {
      throw alreadyRegistered(fd);
    }
    entry.callback = this.#observer?.onAdd?.(entry, entry.callback) ?? entry.callback;
    this.#joinPoller(entry, events);
    if (holder !== undefined) {
      // The poller accepted the number a second time: the file of the first registration is closed. Do not close its fd
      // object, which would close the new file by number. Do not refuse the new registration if the old signal throws.
      this.#end(holder);
      attempt(() => holder.extras.detach?.(), []);
    }
    entry.become('watched', events);
    this.entries.set(fd, entry);
    this.#refs += Number(entry.isRef);
    this.onResize?.();
    entry.parent?.add?.(entry);
  }

  #joinPoller(entry: Entry, events: EventSet): void {
    const { fd } = entry;
    const generation = this.#nextGeneration();
    try {
      this.#poller.add(fd, events, generation, entry.target);
    } catch (error) {
      if (!isAlreadyThere(error)) {
        throw error;
      }
      const holder = this.entries.get(fd);
      if (holder?.isWatched) {
        throw alreadyRegistered(fd, error);
      }
      // The poller has an orphan: the fd was closed before it was deleted, a duplicate kept the file open, and by
      // another dup the number is that file again. Now it can be deleted.
      this.#poller.delete(fd);
      this.#poller.add(fd, events, generation, entry.target);
    }
    entry.generation = generation;
  }

  /** Returns what closes the fd object, if the registration owns it. */
  #end(entry: Entry): (() => void) | undefined {
    const { parent, extras } = entry;
    const { closeTarget } = extras;
    this.#revision++;
    entry.state = 'inactive';
    entry.target = entry.parent = extras.closeTarget = undefined;
    extras.missed = 0;
    this.entries.delete(entry.fd);
    this.#refs -= Number(entry.isRef);
    this.onResize?.();
    this.#observer?.onEnd?.(entry);
    parent?.delete(entry);
    return closeTarget;
  }

  #leavePoller(entry: Entry): void {
    if (entry.isWatched) {
      this.#poller.delete(entry.fd);
    }
  }

  #nextGeneration(): number {
    this.#generation = (this.#generation + 1) >>> 0 || 1;
    return this.#generation;
  }

  #assertActive(entry: Entry, action: string): void {
    this.assertOpen(action);
    if (!entry.active) {
      throw notRegistered(action, entry.fd, 'this registration has ended');
    }
  }
}
