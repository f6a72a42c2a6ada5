import { fdOf } from './arguments.js';
import { checkFd } from './check.js';
import { ALWAYS_REPORTED, type Entry, type Parent } from './entry.js';
import { closed, isNotThere, notRegistered } from './errors.js';
import { EventSet } from './event-set.js';
import { announce, type FdLike } from './fd-object.js';
import type { Registry } from './registry.js';

/** A task that waits for events of an fd: a `once`, or an iteration of `on`. */
export interface Waiter {
  /** The events that it waits for, or `undefined` between two steps. */
  readonly wanted: EventSet | undefined;
  deliver(events: EventSet): void;
  fail(error: unknown): void;
}

/**
 * The tasks that wait for events of one fd, and the registration that they share. It is a ONE_SHOT for what they want
 * together, and it is armed only while one of them waits.
 */
export class FdWaiters implements Parent {
  readonly #registry: Registry;
  readonly #waiters: Waiter[];
  readonly #entry: Entry;

  /** Registers the fd, or joins the tasks that wait for it already. */
  static join(registry: Registry, target: FdLike, wanted: EventSet, waiter: Waiter): FdWaiters {
    // The fd object may have been closed since `on` was called.
    const fd = checkFd(fdOf(target));
    const present = registry.get(fd)?.parent;
    if (present instanceof FdWaiters && present.#admit(target, wanted, waiter)) {
      return present;
    }
    return new FdWaiters(registry, target, fd, wanted, waiter);
  }

  private constructor(registry: Registry, target: FdLike, fd: number, wanted: EventSet, waiter: Waiter) {
    this.#registry = registry;
    this.#waiters = [waiter];
    this.#entry = registry.add({
      target,
      fd,
      events: EventSet.validate(wanted | EventSet.ONE_SHOT),
      callback: (events) => this.#deliver(events),
      parent: this,
    });
  }

  /** Watches for what is wanted now. Call it when a waiter begins a step, or gives one up. */
  update(): void {
    try {
      this.#watch(this.#wanted());
    } catch (error) {
      this.#fail(error);
    }
  }

  leave(waiter: Waiter): void {
    const index = this.#waiters.indexOf(waiter);
    if (index >= 0) {
      this.#waiters.splice(index, 1);
      if (this.#waiters.length === 0) {
        this.#entry.delete();
      } else {
        this.update();
      }
    }
  }

  /** The registration has ended. */
  delete(): void {
    const { fd } = this.#entry;
    this.#fail(this.#registry.closed ? closed('wait') : notRegistered('wait for', fd, 'it is not registered'));
  }

  /** Returns `false` if the registration is for another file, which had the number before. */
  #admit(target: FdLike, wanted: EventSet, waiter: Waiter): boolean {
    announce(this.#entry, target);
    if (!this.#entry.active) {
      return false;
    }
    try {
      // The poller is asked even if the interest stays the same: only it knows whether the file does.
      this.#arm(wanted | (this.#wanted() ?? EventSet.EMPTY));
    } catch (error) {
      if (isNotThere(error)) {
        return false;
      }
      throw error;
    }
    this.#waiters.push(waiter);
    return true;
  }

  #deliver(events: EventSet): void {
    let isWaiting = false;
    for (const waiter of this.#waiters) {
      const wantedNow = events & ((waiter.wanted ?? EventSet.EMPTY) | ALWAYS_REPORTED);
      if (wantedNow !== EventSet.EMPTY) {
        waiter.deliver(wantedNow);
      }
      isWaiting ||= waiter.wanted !== undefined;
    }
    // Usually there is nothing to do: no step is pending, and the ONE_SHOT is silent.
    if (isWaiting || !this.#entry.fired) {
      this.update();
    }
  }

  /** What the waiters want together, or `undefined` if none of them waits. */
  #wanted(): EventSet | undefined {
    let all: EventSet | undefined;
    for (const { wanted } of this.#waiters) {
      if (wanted !== undefined) {
        all = wanted | (all ?? EventSet.EMPTY);
      }
    }
    return all;
  }

  #watch(wanted: EventSet | undefined): void {
    const entry = this.#entry;
    if (wanted === undefined) {
      if (!entry.fired && entry.active) {
        entry.pause();
      }
    } else if (entry.fired || entry.paused || entry.events !== (wanted | EventSet.ONE_SHOT) >>> 0) {
      this.#arm(wanted);
    }
  }

  #arm(wanted: EventSet): void {
    const entry = this.#entry;
    entry.modify(wanted | EventSet.ONE_SHOT);
    if (entry.paused) {
      entry.resume();
    }
  }

  #fail(error: unknown): void {
    for (const waiter of this.#waiters.splice(0)) {
      waiter.fail(error);
    }
    this.#entry.delete();
  }
}
