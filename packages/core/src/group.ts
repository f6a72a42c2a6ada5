import { checkAdd, checkTimer } from './arguments.js';
import { attempt, closeFailed } from './closing.js';
import { EventManagerError } from './errors.js';
import type { EventSet } from './event-set.js';
import type { ClosableFdObject, FdLike } from './fd-object.js';
import type { AddOptions, EventCallback, TimerCallback, TimerOptions } from './options.js';
import type { Registration } from './registration.js';
import type { Registry } from './registry.js';
import type { Timer } from './timer.js';
import type { TimerGroup } from './timer-entry.js';
import type { TimerQueue } from './timer-queue.js';

/**
 * Registrations and timers that belong together, for example those of a connection, a device or a subscriber: one call
 * ends them all. `EventManager.group` returns it.
 */
export interface Group extends Iterable<Registration> {
  /** Number of its registrations that have not ended. */
  readonly size: number;

  /** Its registrations that have not ended, in the order they were added. */
  [Symbol.iterator](): IterableIterator<Registration>;

  /**
   * Starts to watch an fd, as `EventManager.add` does.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if the group is closed.
   * @throws What `EventManager.add` throws.
   */
  add(
    fd: FdLike,
    events: EventSet,
    callback: EventCallback,
    options?: AddOptions & { readonly own?: false | undefined },
  ): Registration;
  add(fd: ClosableFdObject, events: EventSet, callback: EventCallback, options?: AddOptions): Registration;

  /**
   * Sets a timer, as `EventManager.after` does.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if the group is closed.
   * @throws What `EventManager.after` throws.
   */
  after(delayMs: number, callback: TimerCallback, options?: TimerOptions): Timer;

  /**
   * Sets a timer that repeats, as `EventManager.every` does.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if the group is closed.
   * @throws What `EventManager.every` throws.
   */
  every(periodMs: number, callback: TimerCallback, options?: TimerOptions): Timer;

  /**
   * Ends all of its registrations, and cancels all of its timers. A second call does nothing.
   *
   * @throws AggregateError `ERR_EM_CLOSE_FAILED` with the errors of all registrations and timers that failed to end.
   */
  close(): void;

  /** The same as {@link Group.close}, for `using`. */
  [Symbol.dispose](): void;
}

export class RegistrationGroup implements Group, TimerGroup {
  readonly #registry: Registry;
  readonly #queue: TimerQueue;
  readonly #members = new Set<Registration>();
  readonly timers: Set<Timer> = new Set();
  closed = false;

  constructor(registry: Registry, queue: TimerQueue) {
    this.#registry = registry;
    this.#queue = queue;
  }

  get size(): number {
    return this.#members.size;
  }

  [Symbol.iterator](): IterableIterator<Registration> {
    return this.#members.values();
  }

  add(fd: FdLike, events: EventSet, callback: EventCallback, options: AddOptions = {}): Registration {
    const request = checkAdd(fd, events, callback, options);
    // After the check, which may run code that closes the group.
    this.#assertOpen('add');
    return this.#registry.add({ ...request, parent: this.#members });
  }

  after(delayMs: number, callback: TimerCallback, options: TimerOptions = {}): Timer {
    return this.#start('after', delayMs, callback, options);
  }

  every(periodMs: number, callback: TimerCallback, options: TimerOptions = {}): Timer {
    return this.#start('every', periodMs, callback, options);
  }

  close(): void {
    this.closed = true;
    const failures: unknown[] = [];
    for (const handle of [...this.#members, ...this.timers]) {
      attempt(() => handle[Symbol.dispose](), failures);
    }
    if (failures.length > 0) {
      throw closeFailed('the group', failures);
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #start(method: 'after' | 'every', delayMs: number, callback: TimerCallback, options: TimerOptions): Timer {
    const request = checkTimer(method, delayMs, callback, options);
    this.#assertOpen(method);
    return this.#queue.start(method, request, this);
  }

  #assertOpen(method: string): void {
    if (this.closed) {
      throw new EventManagerError('ERR_EM_CLOSED', `Cannot call ${method}(): the group is closed`);
    }
  }
}
