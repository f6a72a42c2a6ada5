import { EventManager, type EventManagerOptions } from '@em/core';
import { checkObject } from './arguments/check-object.js';
import { EpollPoller, type EpollPollerOptions } from './poller/epoll-poller.js';

/**
 * A manager on the Linux kernel: an `EventManager` with an {@link EpollPoller} of its own.
 *
 * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong option.
 * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files, `ENOMEM`.
 *
 * @example A counter, waited on
 * ```ts
 * import { EventSet } from '@em/core';
 * import { createEventManager, EventFd } from '@em/sys';
 *
 * using manager = createEventManager();
 * using eventFd = new EventFd();
 * manager.add(eventFd, EventSet.IN, () => console.log('counted to', eventFd.read()));
 * eventFd.write(42n);
 * manager.wait();
 * ```
 */
export function createEventManager<T = void>(
  options: Omit<EventManagerOptions, 'poller'> & EpollPollerOptions = {},
): EventManager<T> {
  checkObject('options', options);
  const poller = new EpollPoller(options);
  try {
    return new EventManager<T>({ ...options, poller });
  } catch (error) {
    poller.close();
    throw error;
  }
}
