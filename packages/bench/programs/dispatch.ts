// dispatch WAY KIND FDS READY [ADDON]: waits without a timeout on FDS eventfds, of which READY are always ready.
// WAY names the code that waits.

import { createRequire } from 'node:module';
import { EventManager } from '@em/core';
import { EpollPoller, type EventCallback, EventFd, EventSet } from '@em/sys';
import { trace } from '@em/testing/trace';
import { expectReadable } from './expect-readable.ts';
import { type NpmEpoll, UV_READABLE, type UvPoll } from './peers.ts';
import { takeRounds } from './take-rounds.ts';

const [, , way = '', kind = '', fdsGiven, readyGiven, addon = ''] = process.argv;
const [fds, ready] = [Number(fdsGiven), Number(readyGiven)];

function doNothing(events: EventSet): void {
  expectReadable(events);
}

function countInto(count: { value: number }): EventCallback {
  return (events) => {
    expectReadable(events);
    count.value++;
  };
}

/** Three fds share an array. Each counts in its own element. */
const SHARED = [
  (counts: number[]): EventCallback =>
    (events) => {
      expectReadable(events);
      counts[0] = (counts[0] ?? 0) + 1;
    },
  (counts: number[]): EventCallback =>
    (events) => {
      expectReadable(events);
      counts[1] = (counts[1] ?? 0) + 1;
    },
  (counts: number[]): EventCallback =>
    (events) => {
      expectReadable(events);
      counts[2] = (counts[2] ?? 0) + 1;
    },
];

let shared: number[] = [];

function callbackOf(index: number): EventCallback {
  if (kind === 'no-op') {
    return doNothing;
  }
  const turn = index % 4;
  const makeShared = SHARED[turn - 1];
  // A quarter of the fds have their own counter. Three of the others share one.
  if (kind === 'counting' || makeShared === undefined) {
    return countInto({ value: 0 });
  }
  if (turn === 1) {
    shared = [0, 0, 0];
  }
  return makeShared(shared);
}

const step = Math.ceil(fds / ready);
const eventFds = Array.from({ length: fds }, (_, index) => new EventFd(index % step === 0 ? 1 : 0));

/** Lets every callback count, and ends a round after the number of callbacks that its waits should call. */
function countingDown(): { round: (operations: number) => Promise<void>; onReady: () => void } {
  let left = 0;
  let done: () => void = () => undefined;
  return {
    round: (operations) =>
      new Promise((resolve) => {
        left = operations * ready;
        done = resolve;
      }),
    onReady: () => {
      left--;
      if (left === 0) {
        done();
      }
    },
  };
}

switch (way) {
  case 'wait':
  case 'traced': {
    const poller = way === 'traced' ? trace(new EpollPoller()) : new EpollPoller();
    const manager = new EventManager({ poller, capacity: 512 });
    eventFds.forEach((eventFd, index) => void manager.add(eventFd, EventSet.IN, callbackOf(index)));
    await takeRounds((operations) => {
      for (let i = 0; i < operations; i++) {
        if (manager.wait(0) !== ready) {
          throw new Error('Another number of callbacks was called');
        }
      }
    });
    break;
  }
  case 'uv-poll': {
    const { watch } = createRequire(import.meta.url)(addon) as UvPoll;
    const { round, onReady } = countingDown();
    for (const { fd } of eventFds) {
      watch(fd, (events) => {
        expectReadable(events, UV_READABLE);
        onReady();
      });
    }
    await takeRounds(round);
    break;
  }
  case 'epoll': {
    const { Epoll } = createRequire(import.meta.url)(addon) as NpmEpoll;
    const { round, onReady } = countingDown();
    const epoll = new Epoll((_error, _fd, events) => {
      expectReadable(events);
      onReady();
    });
    for (const { fd } of eventFds) {
      epoll.add(fd, Epoll.EPOLLIN);
    }
    await takeRounds(round);
    break;
  }
  default:
    throw new Error(`There is no way to wait called ${way}`);
}
process.exit();
