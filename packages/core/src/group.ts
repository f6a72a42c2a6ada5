import { checkAdd } from './arguments.js';
import { attempt, closeFailed } from './closing.js';
import { EventManagerError } from './errors.js';
import type { EventSet } from './event-set.js';
import type { ClosableFdObject, FdLike } from './fd-object.js';
import type { AddOptions, EventCallback } from './options.js';
import type { Registration } from './registration.js';
import type { Registry } from './registry.js';

/**
 * Registrations that belong together, for example those of a connection, a device or a subscriber: one call ends them
 * all. `EventManager.group` returns it.
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
   * Ends all of its registrations. A second call does nothing.
   *
   * @throws AggregateError `ERR_EM_CLOSE_FAILED` with the errors of all registrations that failed to end.
   */
  close(): void;

  /** The same as {@link Group.close}, for `using`. */
  [Symbol.dispose](): void;
}

export class RegistrationGroup implements Group {
  readonly #registry: Registry;
  readonly #members = new Set<Registration>();
  #closed = false;

  constructor(registry: Registry) {
    this.#registry = registry;
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
    if (this.#closed) {
      throw new EventManagerError('ERR_EM_CLOSED', 'Cannot call add(): the group is closed');
    }
    return this.#registry.add({ ...request, group: this.#members });
  }

  close(): void {
    this.#closed = true;
    const failures: unknown[] = [];
    for (const registration of [...this.#members]) {
      attempt(() => registration.delete(), failures);
    }
    if (failures.length > 0) {
      throw closeFailed('the group', failures);
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
