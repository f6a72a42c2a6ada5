// register WAY FDS [ADDON]: opens FDS eventfds, and adds the requested number of them, each with its own callback.
// Measures the memory per registration, and reports how much of the heap is used; needs --expose-gc.

import { createRequire } from 'node:module';
import { EventFd, EventManager, EventSet } from '@em/sys';
import { collectGarbage } from './collect-garbage.ts';
import { expectReadable } from './expect-readable.ts';
import type { NpmEpoll } from './peers.ts';
import { takeRounds } from './take-rounds.ts';

const [, , way, fds, addon = ''] = process.argv;

const eventFds = Array.from({ length: Number(fds) }, () => new EventFd());
const manager = new EventManager();
const watches: unknown[] = [];
let next = 0;

const add: (eventFd: EventFd) => void = way === 'em' ? addToManager : watchByNpmEpoll();

function addToManager(eventFd: EventFd): void {
  manager.add(eventFd, EventSet.IN, (events) => expectReadable(events));
}

/** One watcher per fd, as users of that package need for a callback per fd. */
function watchByNpmEpoll(): (eventFd: EventFd) => void {
  const { Epoll } = createRequire(import.meta.url)(addon) as NpmEpoll;
  return ({ fd }) => {
    const watch = new Epoll((_error, _fd, events) => expectReadable(events));
    watch.add(fd, Epoll.EPOLLIN);
    watches.push(watch);
  };
}

async function addMany(count: number): Promise<void> {
  for (const eventFd of eventFds.slice(next, next + count)) {
    add(eventFd);
  }
  next += count;
  await collectGarbage();
}

await takeRounds(addMany, () => ({ bytes: process.memoryUsage().heapUsed }));
process.exit();
