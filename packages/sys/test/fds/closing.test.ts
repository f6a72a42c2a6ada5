import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  EventFd,
  EventManager,
  EventSet,
  Inotify,
  type OwnedFd,
  PidFd,
  UdpSocket,
  UnixSeqpacket,
} from '../../src/index.js';
import { connection, datagrams, type Keep, listen, pipe, streams, timer } from '../support/file-makers.js';
import { onEachHostLoop } from '../support/host-loops.js';
import { withNumber } from '../support/with-number.js';

const { IN } = EventSet;

/** One fd object of each class. */
const FDS: ReadonlyArray<readonly [string, (keep: Keep) => OwnedFd]> = [
  ['an eventfd that is ready', () => new EventFd(1)],
  ['an eventfd that is not', () => new EventFd()],
  ['a timerfd', (keep) => timer(keep, 1n)],
  ['a pidfd', () => new PidFd(process.pid)],
  ['an inotify instance', () => new Inotify()],
  ['a pipe', (keep) => pipe(keep).reader],
  ['a TCP listener', (keep) => listen(keep)],
  ['a TCP stream', (keep) => connection(keep).near],
  ['a UDP socket', () => UdpSocket.bind({ host: '127.0.0.1', port: 0 })],
  ['a unix stream', (keep) => streams(keep).near],
  ['a unix datagram socket', (keep) => datagrams(keep).near],
  ['a unix seqpacket socket', (keep) => UnixSeqpacket.pair().map(keep)[0] as OwnedFd],
];

let manager: EventManager;
let bystander: EventFd;
let kept: { close(): void }[];
const served = vi.fn(() => bystander.read());

const keep: Keep = (closable) => {
  kept.push(closable);
  return closable;
};

beforeEach(() => {
  manager = new EventManager();
  bystander = new EventFd();
  kept = [manager, bystander];
  served.mockClear();
  manager.add(bystander, IN, served);
});

afterEach(() => {
  for (const closable of kept) {
    closable.close();
  }
});

/** Checks that the bystander is still served, whatever happened to other fds. `turn` lets the manager wait. */
async function expectServed(turn: () => unknown): Promise<void> {
  const calls = served.mock.calls.length;
  bystander.write();
  while (served.mock.calls.length === calls) {
    await turn();
  }
}

function defineTests(turn: () => unknown): void {
  test.each(FDS)('%s is closed by its number, and another file gets it', async (_, make) => {
    const fd = make(keep).detach();
    const callback = vi.fn();
    const registration = manager.add(fd, IN, callback);
    await expectServed(turn);
    closeSync(fd);
    callback.mockClear();
    await expectServed(turn);
    keep(withNumber(fd, () => new EventFd(1)));
    await expectServed(turn);
    expect(callback).not.toHaveBeenCalled();
    expect(registration.delete()).toBe(true);
    await expectServed(turn);
  });

  test('several are closed in the callback of one of them, before it is their turn', async () => {
    const fds = Array.from({ length: 8 }, () => new EventFd(1).detach());
    const callback = vi.fn(() => {
      for (const fd of fds.splice(0)) {
        closeSync(fd);
      }
    });
    for (const fd of fds) {
      manager.add(fd, IN, callback);
    }
    await expectServed(turn);
    await expectServed(turn);
    expect(fds).toEqual([]);
    manager.wait(0);
    expect(callback.mock.calls.length).toBeLessThanOrEqual(8);
  });

  test('a socket of Node’s on the same number is destroyed, once with bytes unread', async () => {
    for (const bytes of [0, 1]) {
      const { near, far } = connection(keep);
      const fd = near.detach();
      const registration = manager.add(fd, IN | EventSet.EDGE_TRIGGERED, vi.fn());
      await expectServed(turn);
      far.write(new Uint8Array(bytes));
      const socket = new Socket({ fd });
      socket.destroy();
      await once(socket, 'close');
      await expectServed(turn);
      registration.delete();
    }
  });

  test('files are closed, replaced, changed and deleted at random, thousands of times', async () => {
    const random = generator(1);
    const fds: number[] = [];
    const acts: ReadonlyArray<(at: number, fd: number) => unknown> = [
      () => fds.push(manager.add(new EventFd(random(2)).detach(), IN, vi.fn()).fd),
      (at, fd) => {
        closeSync(fd);
        fds.splice(at, 1);
      },
      // The lowest free number: this one, or one that was closed before.
      (at, fd) => {
        closeSync(fd);
        fds[at] = new EventFd(random(2)).detach();
      },
      (at, fd) => {
        manager.delete(fd);
        closeSync(fd);
        fds.splice(at, 1);
      },
      // Refused if the number stands for another file by now.
      (_, fd) => expectedRefusal(() => manager.get(fd)?.modify(random(2) === 0 ? IN : EventSet.OUT)),
    ];
    for (let i = 0; i < 3000; i++) {
      const at = random(Math.max(fds.length, 1));
      const fd = fds[at];
      const act = fd === undefined ? 0 : random(acts.length);
      acts[act]?.(at, fd ?? -1);
      if (i % 50 === 0) {
        await expectServed(turn);
      }
    }
    await expectServed(turn);
    for (const fd of fds) {
      closeSync(fd);
    }
  });
}

/** Returns numbers from 0 to `limit` - 1, the same in each run. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function expectedRefusal(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^(ENOENT|EBADF)$/) });
  }
}

describe('under wait(), while it is watched,', () => {
  defineTests(() => manager.wait(0));
});

onEachHostLoop('under run(), while it is watched,', () => {
  beforeEach(() => {
    void manager.run();
  });
  defineTests(() => setImmediate());
});
