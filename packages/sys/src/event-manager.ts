import {
  EventManager as CoreEventManager,
  type EventManagerOptions as CoreOptions,
  type FdObject,
  ON_ADD,
  type Registration,
} from '@em/core';
import { checkObject } from './arguments/check-object.js';
import type { AuditFinding } from './audit/audit.js';
import { EpollPoller, type EpollPollerOptions } from './poller/epoll-poller.js';
import type { WakerHandle } from './poller/waker.js';

/** Options of {@link EventManager}. */
export interface EventManagerOptions extends Omit<CoreOptions, 'poller'>, EpollPollerOptions {}

// Not private fields: TypeScript would not allow a constructor that closes the poller when an option is refused.
const pollers = new WeakMap<EventManager, EpollPoller>();

/**
 * An event manager on the Linux kernel: the `EventManager` of `@em/core` with an {@link EpollPoller} of its own.
 *
 * @example Wait for a counter
 * ```ts
 * import { EventFd, EventManager, EventSet } from '@em/sys';
 *
 * using manager = new EventManager();
 * using eventFd = new EventFd();
 * manager.add(eventFd, EventSet.IN, () => console.log('counted to', eventFd.read()));
 * eventFd.write(42n);
 * manager.wait();
 * ```
 */
export class EventManager extends CoreEventManager {
  /**
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong option.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files, `ENOMEM`.
   */
  constructor(options: EventManagerOptions = {}) {
    checkObject('options', options);
    const poller = new EpollPoller(options);
    try {
      super({ ...options, poller });
    } catch (error) {
      poller.close();
      throw error;
    }
    pollers.set(this, poller);
  }

  static {
    // The name of a method in an exported class cannot be computed.
    Object.defineProperty(EventManager.prototype, ON_ADD, {
      value(this: EventManager, registration: Registration): void {
        nest(this)[ON_ADD]?.(registration);
      },
    });
  }

  /**
   * An epoll fd that is readable when {@link EventManager.wait} would not block: to watch this manager from another event
   * loop, or from another manager (`outer.add(manager, EventSet.IN, () => manager.wait(0))`). The number stays the same
   * until the manager is closed. Use it only to wait; do not add, read, or close it.
   *
   * Events of files whose poll consumes them are not lost: from the first use of `fd` on, such files are watched apart.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if the manager is closed.
   * @throws SystemError `EMFILE`, `ENFILE`, `ENOMEM`.
   */
  get fd(): number {
    return nest(this).fd;
  }

  /**
   * A handle for other threads to wake this manager. Post it to a worker, and make a `Waker` from it there.
   *
   * @returns The same handle at each call.
   * @throws EventManagerError `ERR_EM_CLOSED` if the manager is closed.
   */
  waker(): WakerHandle {
    return pollerOf(this).waker();
  }

  /**
   * Compares what the kernel watches with the registrations, to find out why an fd is silent, or will not be. It looks at
   * everything: use it in logs and tests, not per event.
   *
   * @returns What differs. Usually nothing.
   * @throws EventManagerError `ERR_EM_CANNOT_AUDIT` where the kernel does not show what it watches: without `/proc`, and
   * on some systems that imitate Linux; `ERR_EM_CLOSED` if the manager is closed.
   *
   * @example Print what is wrong
   * ```ts
   * console.table(manager.audit());
   * ```
   */
  audit(): AuditFinding[] {
    return pollerOf(this).audit(this);
  }
}

function nest(manager: EventManager): FdObject {
  return pollerOf(manager).nest(manager.closed ? [] : [...manager].filter(({ paused }) => !paused));
}

function pollerOf(manager: EventManager): EpollPoller {
  return pollers.get(manager) as EpollPoller;
}
