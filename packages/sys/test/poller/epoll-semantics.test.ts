// Checks what docs/epoll-semantics.md says about the kernel, for the files that this package can make. The letters are
// those of the page.
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ReadyBatch, type WaitCause } from '@em/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binding } from '../../src/addon/binding.js';
import { dup, EpollPoller, EventFd, EventSet } from '../../src/index.js';
import type { Keep } from '../support/file-makers.js';
import { withNumber } from '../support/with-number.js';
import { fileStates } from './file-states.js';

const { EMPTY, IN, PRIORITY, OUT, ERROR, HANG_UP, READ_HANG_UP, EXCLUSIVE, WAKE_UP, ONE_SHOT, EDGE_TRIGGERED } =
  EventSet;
const { EBADF, EEXIST, EINVAL, ELOOP, ENOENT, EPERM } = constants.errno;
const READINESS = IN | PRIORITY | OUT | ERROR | HANG_UP | READ_HANG_UP;
/** From <sys/epoll.h>. It has no name in EventSet. */
const RDNORM = 0x40;
const UNKNOWN = 0x10_0000;

const sharingProgram = new URL('../programs/sharing-worker.mjs', import.meta.url);

let closables: { close(): void }[];
let epollFd: number;
let eventFd: EventFd;

const keep: Keep = (closable) => {
  closables.push(closable);
  return closable;
};

beforeEach(() => {
  closables = [];
  epollFd = epollCreate();
  eventFd = keep(new EventFd(1));
});

afterEach(() => {
  for (const closable of closables.reverse()) {
    closable.close();
  }
});

function epollCreate(): number {
  const fd = binding().epollCreate();
  keep({ close: () => void binding().close(fd) });
  return fd;
}

function add(fd: number, events: EventSet, instance: number = epollFd): number {
  return binding().epollAdd(instance, fd, events, 1);
}

function modify(fd: number, events: EventSet): number {
  return binding().epollModify(epollFd, fd, events, 1);
}

/** Returns the events of each entry that a wait of 0 ms reports. */
function reported(instance: number = epollFd): string[] {
  const batch = new ReadyBatch(8);
  const count = binding().epollWait(instance, batch.buffer, 0);
  return Array.from({ length: count }, (_, index) => EventSet.format(batch.events(index)));
}

describe('A, B, C: the kernel reports the events of a file that are in the interest, and ERROR and HANG_UP', () => {
  const table = readFileSync(new URL('../../../../docs/epoll-semantics.md', import.meta.url), 'utf8');

  test.each(fileStates)('$kind, $state: $truth', ({ kind, state, truth, make }) => {
    const { fd } = make(keep);
    expect(settled(fd, truth)).toBe(truth);
    const expected = (interest: EventSet) =>
      EventSet.toNames(interest | ERROR | HANG_UP).filter((name) => truth.split('|').includes(name));
    for (const interest of interests()) {
      expect(reportedWith(fd, interest), EventSet.format(interest)).toBe(expected(interest).join('|') || 'EMPTY');
    }
    const columns = [IN, IN | READ_HANG_UP, OUT].map((interest) => expected(interest).join(', ') || '–');
    expect(table).toContain(`| ${kind} | ${state} | ${columns.join(' | ')} |\n`);
  });

  /** Waits until the events of a file are `truth`, or no change comes for five seconds. Returns its events. */
  function settled(fd: number, truth: string): string {
    const poller = keep(new EpollPoller());
    const batch = new ReadyBatch(1);
    let seen = 'EMPTY';
    poller.add(fd, (READINESS | EDGE_TRIGGERED) >>> 0, 1);
    let cause: WaitCause = 'events';
    while (seen !== truth && cause !== 'timeout') {
      if (poller.wait(batch, 5_000) > 0) {
        seen = EventSet.format(batch.events(0));
      }
      cause = batch.cause;
    }
    return seen;
  }

  /** Yields every set of the six events that describe a file. */
  function* interests(): Generator<EventSet> {
    for (let interest = 0; interest <= READINESS; interest++) {
      if ((interest & ~READINESS) === 0) {
        yield interest;
      }
    }
  }

  function reportedWith(fd: number, interest: EventSet): string {
    add(fd, interest);
    const [events = 'EMPTY'] = reported();
    binding().epollDelete(epollFd, fd);
    return events;
  }
});

test('D: bits without a meaning are accepted silently', () => {
  expect(add(eventFd.fd, IN | UNKNOWN)).toBe(0);
  expect(reported()).toEqual(['IN']);
});

test('D: EPOLLRDNORM is accepted, but an eventfd does not report it', () => {
  expect(add(eventFd.fd, RDNORM)).toBe(0);
  expect(reported()).toEqual([]);
});

test('E: WAKE_UP is accepted, and is not reported', () => {
  expect(add(eventFd.fd, IN | WAKE_UP)).toBe(0);
  expect(reported()).toEqual(['IN']);
});

test('F: EXCLUSIVE is accepted with IN, OUT, ERROR, HANG_UP, WAKE_UP, EDGE_TRIGGERED', () => {
  expect(add(eventFd.fd, (EXCLUSIVE | IN | OUT | ERROR | HANG_UP | WAKE_UP | EDGE_TRIGGERED) >>> 0)).toBe(0);
});

test.each([PRIORITY, READ_HANG_UP, ONE_SHOT, RDNORM, UNKNOWN])('F: EXCLUSIVE with %d is EINVAL', (events) => {
  expect(add(eventFd.fd, EXCLUSIVE | IN | events)).toBe(-EINVAL);
});

test('F: modifying from or to EXCLUSIVE, and EXCLUSIVE for an epoll instance, are EINVAL', () => {
  add(eventFd.fd, IN | EXCLUSIVE);
  expect(modify(eventFd.fd, IN)).toBe(-EINVAL);
  binding().epollDelete(epollFd, eventFd.fd);
  add(eventFd.fd, IN);
  expect(modify(eventFd.fd, IN | EXCLUSIVE)).toBe(-EINVAL);
  expect(reported()).toEqual(['IN']);
  expect(add(epollCreate(), IN | EXCLUSIVE)).toBe(-EINVAL);
});

test('G: while no thread waits, all instances with EXCLUSIVE report the event', () => {
  const instances = [epollCreate(), epollCreate(), epollCreate()];
  eventFd.read();
  for (const instance of instances) {
    add(eventFd.fd, IN | EXCLUSIVE, instance);
  }
  eventFd.write();
  expect(instances.map((instance) => reported(instance))).toEqual([['IN'], ['IN'], ['IN']]);
});

describe('G: four threads share an eventfd, which is written 200 times, each time after the former event has been handled', () => {
  const THREADS = 4;
  const WRITES = 200;
  const [CALLS, READ] = [0, 1];

  /** Returns how often all threads were called, and the sum of what they read. */
  async function share(task: { events: EventSet; drive: 'run' | 'wait'; reads: boolean; callsPerWrite: number }) {
    const shared = keep(new EventFd());
    const stop = keep(new EventFd());
    const counters = new Int32Array(new SharedArrayBuffer(8));
    const workerData = { ...task, fd: shared.fd, stopFd: stop.fd, counters };
    const workers = Array.from({ length: THREADS }, () => new Worker(sharingProgram, { workerData }));
    for (const worker of workers) {
      keep({ close: () => void worker.terminate() });
    }
    const exits = workers.map((worker) => once(worker, 'exit'));
    const threads = await Promise.all(workers.map(async (worker) => String((await once(worker, 'message'))[0])));
    for (let write = 1; write <= WRITES; write++) {
      while (!threads.every(isAsleep)) {
        await setImmediate();
      }
      const expected = (counters[CALLS] ?? 0) + task.callsPerWrite;
      shared.write();
      while (task.reads ? Atomics.load(counters, READ) < write : Atomics.load(counters, CALLS) < expected) {
        await setImmediate();
      }
    }
    stop.write();
    await Promise.all(exits);
    return { calls: counters[CALLS], read: counters[READ] };
  }

  function isAsleep(thread: string): boolean {
    return /\) S /.test(readFileSync(`/proc/${thread}/stat`, 'utf8'));
  }

  // Without a read, each thread that the kernel wakes is called once per write.
  test('in wait() with EXCLUSIVE, each write calls at least one thread, but seldom a second one', async () => {
    const events = EventSet.union(IN | EXCLUSIVE, EDGE_TRIGGERED);
    const { calls } = await share({ events, drive: 'wait', reads: false, callsPerWrite: 1 });
    expect(calls).toBeGreaterThanOrEqual(WRITES);
    expect(calls).toBeLessThan(WRITES * 1.5);
  });

  test('in wait() without EXCLUSIVE, each write calls all threads', async () => {
    const events = EventSet.union(IN, EDGE_TRIGGERED);
    const { calls } = await share({ events, drive: 'wait', reads: false, callsPerWrite: THREADS });
    expect(calls).toBe(WRITES * THREADS);
  });

  test('in run() with EXCLUSIVE, each write calls all threads', async () => {
    const events = EventSet.union(IN | EXCLUSIVE, EDGE_TRIGGERED);
    const { calls } = await share({ events, drive: 'run', reads: false, callsPerWrite: THREADS });
    expect(calls).toBe(WRITES * THREADS);
  });

  test.each(['wait', 'run'] as const)(
    'in %s() with EXCLUSIVE, no event is lost when the threads read',
    async (drive) => {
      const { calls, read } = await share({ events: IN | EXCLUSIVE, drive, reads: true, callsPerWrite: 1 });
      expect(read).toBe(WRITES);
      expect(calls).toBeGreaterThanOrEqual(WRITES);
    },
  );
});

test('I: every write is an edge, even without a read in between, and reports all events of the file', () => {
  add(eventFd.fd, (IN | OUT | EDGE_TRIGGERED) >>> 0);
  expect(reported()).toEqual(['IN|OUT']);
  expect(reported()).toEqual([]);
  eventFd.write();
  expect(reported()).toEqual(['IN|OUT']);
  eventFd.write(0n);
  expect(reported()).toEqual(['IN|OUT']);
  eventFd.read();
  expect(reported()).toEqual(['OUT']);
});

test('J: modify reports an edge again, and so does delete followed by add', () => {
  add(eventFd.fd, (IN | EDGE_TRIGGERED) >>> 0);
  expect(reported()).toEqual(['IN']);
  modify(eventFd.fd, (IN | EDGE_TRIGGERED) >>> 0);
  expect(reported()).toEqual(['IN']);
  binding().epollDelete(epollFd, eventFd.fd);
  add(eventFd.fd, (IN | EDGE_TRIGGERED) >>> 0);
  expect(reported()).toEqual(['IN']);
  expect(reported()).toEqual([]);
});

test('K: a ONE_SHOT that has fired stays in the list with an empty interest', () => {
  add(eventFd.fd, IN | ONE_SHOT);
  expect(reported()).toEqual(['IN']);
  expect(reported()).toEqual([]);
  expect(listed()).toEqual([[eventFd.fd, ONE_SHOT]]);
  expect(add(eventFd.fd, IN | ONE_SHOT)).toBe(-EEXIST);
  expect(modify(eventFd.fd, IN | ONE_SHOT)).toBe(0);
  expect(reported()).toEqual(['IN']);
});

test('L: a state that has ended before the wait is not reported, and two events are reported once', () => {
  eventFd.read();
  add(eventFd.fd, (IN | EDGE_TRIGGERED) >>> 0);
  eventFd.write();
  eventFd.read();
  expect(reported()).toEqual([]);
  eventFd.write();
  eventFd.write();
  expect(reported()).toEqual(['IN']);
  expect(reported()).toEqual([]);
});

test('M, N: a second number of a file is a second entry; closing the last number removes the file', () => {
  const second = dup(eventFd.fd);
  expect(add(eventFd.fd, IN)).toBe(0);
  expect(add(eventFd.fd, IN)).toBe(-EEXIST);
  expect(add(second, IN)).toBe(0);
  expect(reported()).toEqual(['IN', 'IN']);
  closeSync(second);
  eventFd.close();
  expect(listed()).toEqual([]);
});

test('O, P: a closed number keeps reporting while a duplicate is open, and cannot be deleted', () => {
  const { fd } = eventFd;
  const duplicate = dup(fd);
  keep({ close: () => closeSync(duplicate) });
  add(fd, IN);
  eventFd.close();
  expect(reported()).toEqual(['IN']);
  expect(modify(fd, IN)).toBe(-EBADF);
  expect(binding().epollDelete(epollFd, fd)).toBe(-EBADF);

  keep(withNumber(fd, () => new EventFd(1)));
  expect(binding().epollDelete(epollFd, fd)).toBe(-ENOENT);
  expect(add(fd, IN)).toBe(0);
  expect(listed().map(([number]) => number)).toEqual([fd, fd]);
  expect(binding().epollDelete(epollFd, fd)).toBe(0);
  expect(reported()).toEqual(['IN']);
});

test.each(['/etc/hostname', '/etc', '/dev/null', '/dev/zero', '/dev/full', '/dev/urandom', '/proc/self/status'])(
  'Q: %s is EPERM, to add, to modify and to delete',
  (path) => {
    const fd = openSync(path, 'r');
    keep({ close: () => closeSync(fd) });
    expect(add(fd, IN)).toBe(-EPERM);
    expect(modify(fd, IN)).toBe(-EPERM);
    expect(binding().epollDelete(epollFd, fd)).toBe(-EPERM);
  },
);

test.each(['/proc/self/mounts', '/dev/random'])('Q: %s can be watched', (path) => {
  const fd = openSync(path, 'r');
  keep({ close: () => closeSync(fd) });
  expect(add(fd, IN)).toBe(0);
  expect(reported()).toEqual(['IN']);
});

test('R: a fifth link of nested instances is ELOOP, and so is a circle; an instance in itself is EINVAL', () => {
  const [a, b, c, d, e, f] = Array.from({ length: 6 }, epollCreate) as [number, number, number, number, number, number];
  expect([add(b, IN, a), add(c, IN, b), add(d, IN, c), add(e, IN, d)]).toEqual([0, 0, 0, 0]);
  expect(add(f, IN, e)).toBe(-ELOOP);
  expect(add(a, IN, e)).toBe(-ELOOP);
  expect(add(a, IN, a)).toBe(-EINVAL);
  add(eventFd.fd, IN, e);
  expect(reported(a)).toEqual(['IN']);
});

test('S: EBADF comes before EPERM, EPERM before EINVAL, EINVAL before ENOENT', () => {
  const fd = openSync('/etc/hostname', 'r');
  expect(add(fd, EXCLUSIVE | PRIORITY)).toBe(-EPERM);
  closeSync(fd);
  expect(add(fd, EXCLUSIVE | PRIORITY)).toBe(-EBADF);
  expect(modify(eventFd.fd, IN | EXCLUSIVE)).toBe(-EINVAL);
  expect(modify(eventFd.fd, IN)).toBe(-ENOENT);
  expect(binding().epollDelete(epollFd, eventFd.fd)).toBe(-ENOENT);
});

test('T: fds are reported in the order of becoming ready, and a wait continues where the last one ended', () => {
  const fds = Array.from({ length: 3 }, () => keep(new EventFd()));
  const [first, second, third] = fds as [EventFd, EventFd, EventFd];
  for (const { fd } of fds) {
    add(fd, IN);
  }
  for (const fd of [third, first, second]) {
    fd.write();
  }
  const batch = new ReadyBatch(1);
  const served = Array.from({ length: 7 }, () => {
    binding().epollWait(epollFd, batch.buffer, 0);
    return batch.fd(0);
  });
  const round = [third.fd, first.fd, second.fd];
  expect(served).toEqual([...round, ...round, third.fd]);
});

test('Y: a write to a file in two instances is an edge in both', () => {
  const other = epollCreate();
  eventFd.read();
  add(eventFd.fd, (IN | EDGE_TRIGGERED) >>> 0);
  add(eventFd.fd, (IN | EDGE_TRIGGERED) >>> 0, other);
  eventFd.write();
  expect([reported(), reported(other)]).toEqual([['IN'], ['IN']]);
});

test('Z: /proc shows the interest list, with ERROR and HANG_UP in every interest', () => {
  add(eventFd.fd, EMPTY);
  expect(listed()).toEqual([[eventFd.fd, ERROR | HANG_UP]]);
  expect(EventSet.format(listed()[0]?.[1] ?? 0)).toBe('ERROR|HANG_UP');
});

/** Returns the fd and the interest of each entry in `/proc/self/fdinfo`. */
function listed(): [fd: number, events: EventSet][] {
  const text = readFileSync(`/proc/self/fdinfo/${epollFd}`, 'latin1');
  return [...text.matchAll(/^tfd: *(\d+) events: *([0-9a-f]+)/gm)].map(([, fd, events]) => [
    Number(fd),
    Number.parseInt(events ?? '', 16),
  ]);
}
