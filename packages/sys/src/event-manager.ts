import {
  EventManager as CoreEventManager,
  type EventManagerOptions as CoreOptions,
  type FdObject,
  type Interest,
  ON_ADD,
  type Registration,
} from '@em/core';
import { checkFunction, checkObject, checkOptions, invalidType } from '@em/core/check';
import type { AuditFinding } from './audit/audit.js';
import { EpollPoller, type EpollPollerOptions } from './poller/epoll-poller.js';
import type { WakerHandle } from './poller/waker.js';

/** An {@link EpollPoller}, or an object that adds something to one, as `trace` of `@em/testing/trace` does. */
export type KernelPoller = Pick<EpollPoller, keyof EpollPoller>;

/** Options of {@link EventManager}. */
export interface EventManagerOptions extends Omit<CoreOptions, 'poller'>, EpollPollerOptions {
  /**
   * The poller. The manager closes it when you close the manager. By default the manager makes one. Pass
   * `consumesEvents` to the constructor of your poller, not beside it.
   */
  readonly poller?: KernelPoller | undefined;
}

// A private field would need super() to come first: then a constructor that throws could not close the poller.
const pollers = new WeakMap<EventManager, KernelPoller>();

/**
 * An event manager on the Linux kernel: the `EventManager` of `@em/core` with an {@link EpollPoller} of its own.
 *
 * @throws EventManagerError `ERR_EM_CLOSED` from every method, and from `fd`, once the manager is closed.
 * @throws SystemError `EMFILE`, `ENFILE` from the constructor and from `fd` if too many files are open, `ENOMEM`.
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
   */
  constructor(options: EventManagerOptions = {}) {
    const known = ['capacity', 'consumesEvents', 'onError', 'poller'] as const;
    const { consumesEvents, poller: given, ...ofCore } = checkOptions('options', options, known);
    const poller = given === undefined ? new EpollPoller({ consumesEvents }) : checkPoller(given, consumesEvents);
    try {
      super({ ...ofCore, poller });
    } catch (error) {
      if (given === undefined) {
        poller.close();
      }
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
   * An epoll fd that is readable when {@link EventManager.wait} would not block. Use it to watch this manager from
   * another event loop, or from another manager: `outer.add(manager, EventSet.IN, () => manager.wait(0))`. The number
   * stays the same until the manager is closed. Use it only to wait; do not add fds to it, read it, or close it. A timer
   * that is due does not make it readable: the other loop has to wait until {@link EventManager.nextDeadline} at most.
   *
   * From the first use of `fd` on, files whose poll consumes the event are watched apart, so that the other loop does
   * not consume their events.
   *
   * Linux nests five epoll instances at most, and a manager in another one counts as two of them: `wait` can drive
   * three managers inside each other, `run` two. Beyond that, `add` throws `ELOOP`, and `run` is rejected with it.
   */
  get fd(): number {
    return nest(this).fd;
  }

  /**
   * Returns a handle by which other threads can wake this manager. Post it to a worker, and make a `Waker` from it
   * there.
   *
   * @returns The same handle at each call.
   */
  waker(): WakerHandle {
    return pollerOf(this).waker();
  }

  /**
   * Compares what the kernel watches with the registrations, to find out why an fd is silent, or why one keeps firing.
   * It looks at everything: use it in logs and tests, not per event.
   *
   * @returns The differences. Usually empty.
   * @throws EventManagerError `ERR_EM_CANNOT_AUDIT` where the kernel does not show what it watches: without `/proc`,
   * and on some systems that imitate Linux.
   *
   * @example Print the differences
   * ```ts
   * console.table(manager.audit());
   * ```
   */
  audit(): AuditFinding[] {
    return pollerOf(this).audit(this);
  }
}

function nest(manager: EventManager): FdObject {
  return pollerOf(manager).nest(watchedBy(manager));
}

/** Lazy, because the poller needs it only once. A copy, because the option `consumesEvents` may change the manager. */
function* watchedBy(manager: EventManager): Generator<Interest> {
  for (const registration of [...manager]) {
    if (!registration.paused) {
      yield registration;
    }
  }
}

function pollerOf(manager: EventManager): KernelPoller {
  return pollers.get(manager) as KernelPoller;
}

function checkPoller(poller: KernelPoller, consumesEvents: unknown): KernelPoller {
  checkObject('options.poller', poller);
  for (const method of ['audit', 'nest', 'waker'] as const) {
    checkFunction(`options.poller.${method}`, poller[method]);
  }
  if (consumesEvents !== undefined) {
    throw invalidType('options.consumesEvents', 'left out: pass it to the constructor of the poller', consumesEvents);
  }
  return poller;
}
