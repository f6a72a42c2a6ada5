// round-trip WAY [ADDON]: writes an eventfd, waits for it and reads it, repeatedly. WAY names the code that waits, ADDON
// its addon if it is not one of this repository.

import { readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { EventFd, EventManager, EventSet } from '@em/sys';
import { expectReadable } from './expect-readable.ts';
import { type NpmEpoll, UV_READABLE, type UvPoll } from './peers.ts';
import { takeRounds } from './take-rounds.ts';

const [, , kind, addon = ''] = process.argv;
const buffer = new Uint8Array(8);
const one = new Uint8Array(new BigUint64Array([1n]).buffer);

const eventFd = new EventFd();
let left = 0;
let done: () => void = () => undefined;

/** Reads and writes again, until a round is complete. */
function onReady(): void {
  eventFd.read();
  left--;
  if (left > 0) {
    eventFd.write();
  } else {
    done();
  }
}

/** The same, with the functions of Node for reading and writing an fd. */
function onReadyWithNodeFs(): void {
  readSync(eventFd.fd, buffer);
  left--;
  if (left > 0) {
    writeSync(eventFd.fd, one);
  } else {
    done();
  }
}

function inHostLoop(operations: number): Promise<void> {
  left = operations;
  return new Promise((resolve) => {
    done = resolve;
    eventFd.write();
  });
}

switch (kind) {
  case 'wait': {
    const manager = new EventManager();
    manager.add(eventFd, EventSet.IN, (events) => {
      expectReadable(events);
      onReady();
    });
    await takeRounds((operations) => {
      left = operations;
      eventFd.write();
      while (left > 0) {
        manager.wait();
      }
    });
    break;
  }
  case 'run': {
    const manager = new EventManager();
    manager.add(eventFd, EventSet.IN, (events) => {
      expectReadable(events);
      onReady();
    });
    const running = manager.run();
    await takeRounds(inHostLoop);
    manager.stop();
    await running;
    break;
  }
  case 'uv-poll': {
    const { watch } = createRequire(import.meta.url)(addon) as UvPoll;
    watch(eventFd.fd, (events) => {
      expectReadable(events, UV_READABLE);
      onReady();
    });
    await takeRounds(inHostLoop);
    break;
  }
  case 'epoll':
  case 'epoll-with-node-fs': {
    const { Epoll } = createRequire(import.meta.url)(addon) as NpmEpoll;
    const serve = kind === 'epoll' ? onReady : onReadyWithNodeFs;
    const epoll = new Epoll((_error, _fd, events) => {
      expectReadable(events);
      serve();
    });
    epoll.add(eventFd.fd, Epoll.EPOLLIN);
    await takeRounds(inHostLoop);
    break;
  }
  default:
    throw new Error(`There is no way to wait called ${kind}`);
}
process.exit();
