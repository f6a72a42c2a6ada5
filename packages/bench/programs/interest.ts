// interest WAY KIND FDS [ADDON]: adds and deletes one eventfd while FDS others are registered, or modifies it.

import { createRequire } from 'node:module';
import { EventFd, EventManager, EventSet } from '@em/sys';
import { expectReadable } from './expect-readable.ts';
import type { NpmEpoll } from './peers.ts';
import { takeRounds } from './take-rounds.ts';

const [, , way = '', kind = '', fdsGiven, addon = ''] = process.argv;

const others = Array.from({ length: Number(fdsGiven) }, () => new EventFd());
const eventFd = new EventFd();

function doNothing(events: EventSet): void {
  expectReadable(events);
}

switch (way) {
  case 'em': {
    const manager = new EventManager();
    for (const other of others) {
      manager.add(other, EventSet.IN, doNothing);
    }
    if (kind === 'add-delete') {
      await takeRounds((operations) => {
        for (let i = 0; i < operations; i++) {
          manager.add(eventFd, EventSet.IN, doNothing).delete();
        }
      });
    } else {
      const registration = manager.add(eventFd, EventSet.IN, doNothing);
      await takeRounds((operations) => {
        for (let i = 0; i < operations; i++) {
          registration.modify(i % 2 === 0 ? EventSet.IN | EventSet.PRIORITY : EventSet.IN);
        }
      });
    }
    break;
  }
  case 'epoll': {
    const { Epoll } = createRequire(import.meta.url)(addon) as NpmEpoll;
    const epoll = new Epoll((_error, _fd, events) => expectReadable(events));
    for (const { fd } of others) {
      epoll.add(fd, Epoll.EPOLLIN);
    }
    const { fd } = eventFd;
    if (kind === 'add-delete') {
      await takeRounds((operations) => {
        for (let i = 0; i < operations; i++) {
          epoll.add(fd, Epoll.EPOLLIN);
          epoll.remove(fd);
        }
      });
    } else {
      epoll.add(fd, Epoll.EPOLLIN);
      await takeRounds((operations) => {
        for (let i = 0; i < operations; i++) {
          epoll.modify(fd, i % 2 === 0 ? Epoll.EPOLLIN | Epoll.EPOLLPRI : Epoll.EPOLLIN);
        }
      });
    }
    break;
  }
  default:
    throw new Error(`There is no way to register called ${way}`);
}
process.exit();
