import { EventSet, ReadyBatch } from '@em/core';
import type { Binding } from '../addon/binding.js';
import { errnoName } from '../addon/errno-names.js';
import { read } from './files.js';

/** For each capability of the kernel: `yes`, or `no` and why. */
export type Capabilities = Readonly<Record<string, string>>;

const GENERATION = 1;
const CLOCK_MONOTONIC = 1;

/** Tries what not every kernel, container or user supports. Makes each call once, and undoes it. */
export function tryCapabilities(native: Binding): Capabilities {
  const epollFd = native.epollCreate();
  const eventFd = native.eventfd(1, 0);
  const { buffer } = new ReadyBatch(1);
  const watchWith = (events: EventSet): number => {
    native.epollDelete(epollFd, eventFd);
    return native.epollAdd(epollFd, eventFd, EventSet.union(EventSet.IN, events), GENERATION);
  };
  try {
    return {
      epoll: verdict(watchWith(EventSet.EMPTY) || native.epollWait(epollFd, buffer, 0), 1),
      epoll_pwait2: verdict(native.epollPwait2(epollFd, buffer, 0, 0)),
      EPOLLEXCLUSIVE: verdict(watchWith(EventSet.EXCLUSIVE)),
      EPOLLWAKEUP: keepsWakeUp(epollFd, watchWith(EventSet.WAKE_UP)),
      timerfd: verdict(opened(native, native.timerfdCreate(CLOCK_MONOTONIC))),
      pidfd: verdict(opened(native, native.pidfdOpen(process.pid))),
      pidfd_send_signal: verdict(signalSelf(native)),
      inotify: verdict(opened(native, native.inotifyInit())),
    };
  } finally {
    native.close(epollFd);
    native.close(eventFd);
  }
}

function opened(native: Binding, fd: number): number {
  return fd < 0 ? fd : native.close(fd);
}

/** Sends signal 0, which has no effect. */
function signalSelf(native: Binding): number {
  const pidFd = native.pidfdOpen(process.pid);
  if (pidFd < 0) {
    return pidFd;
  }
  const result = native.pidfdSendSignal(pidFd, 0);
  native.close(pidFd);
  return result;
}

/** The kernel accepts EPOLLWAKEUP from every process. Its fdinfo shows whether it has kept the flag. */
function keepsWakeUp(epollFd: number, added: number): string {
  const kept = /events: +([\da-f]+)/.exec(read(`/proc/self/fdinfo/${epollFd}`))?.[1] ?? '';
  return added < 0 || EventSet.has(Number.parseInt(kept, 16), EventSet.WAKE_UP)
    ? verdict(added)
    : 'no: the kernel drops it without CAP_BLOCK_SUSPEND, or without power management';
}

function verdict(result: number, least = 0): string {
  if (result >= least) {
    return 'yes';
  }
  return result < 0 ? `no: ${errnoName(-result).join(', ')}` : `no: returned ${result}`;
}
