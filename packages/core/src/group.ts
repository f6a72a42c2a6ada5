import { checkAdd } from './arguments.js';
import { attempt, closeFailed } from './closing.js';
import { EventManagerError } from './errors.js';
import type { EventSet } from './event-set.js';
import type { AddOptions, EventCallback, FdSource, OwnedFdSource, Registration } from './registration.js';
import type { Registry } from './registry.js';

/**
 * A scope for registrations that belong together: all that a connection, a device or a subscriber has to wait on ends
 * with one call. Made by `EventManager.group`.
 */
export class Group implements Iterable<Registration> {
  readonly #registry: Registry;
  readonly #members = new Set<Registration>();
  #closed = false;

  /** Groups are made by `EventManager.group`. */
  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** How many of its registrations have not ended. */
  get size(): number {
    return this.#members.size;
  }

  /** Its registrations that have not ended, in the order they were added. */
  [Symbol.iterator](): IterableIterator<Registration> {
    return this.#members.values();
  }

  /**
   * Starts to watch a file descriptor, as `EventManager.add` does.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if the group or the manager is closed; what `EventManager.add` throws.
   */
  add(
    source: FdSource,
    events: EventSet,
    callback: EventCallback,
    options?: AddOptions & { readonly own?: false | undefined },
  ): Registration;
  add(source: OwnedFdSource, events: EventSet, callback: EventCallback, options?: AddOptions): Registration;
  add(source: FdSource, events: EventSet, callback: EventCallback, options: AddOptions = {}): Registration {
    const request = checkAdd(source, events, callback, options);
    // Behind the check, which may run code that closes the group.
    if (this.#closed) {
      throw new EventManagerError('ERR_EM_CLOSED', 'Cannot call add(): the group is closed');
    }
    return this.#registry.add({ ...request, group: this.#members });
  }

  /**
   * Ends all of its registrations. A second call does nothing.
   *
   * @throws AggregateError `ERR_EM_CLOSE_FAILED` with all that failed, after everything has been tried.
   */
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

  /** The same as {@link Group.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
