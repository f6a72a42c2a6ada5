import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventManager, EventSet, type Poller, ReadyBatch } from '@em/core';
import { close, dup, EpollPoller, EventFd, Pipe, read, TimerFd, UnixStream, write } from '@em/sys';
import type { World, WorldFd } from '../../simulator/model/world.ts';
import { ThreadPoller } from './thread-poller.ts';

const NS_PER_MS = 1_000_000n;

/** The world of the real kernel. */
export class KernelWorld implements World {
  readonly #hasThreads: boolean;
  readonly #pollers: Poller[] = [];
  /** Those that other instances watch, with protection. */
  readonly #protected: EpollPoller[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'epoll-live-'));
  #isMounted = false;

  /** @param hasThreads - Whether each epoll instance is in a thread of its own, so that several can sleep. */
  constructor(hasThreads = false) {
    this.#hasThreads = hasThreads;
  }

  poller(): Poller {
    const poller = this.#hasThreads ? new ThreadPoller() : new EpollPoller();
    this.#pollers.push(poller);
    return poller;
  }

  fdOf(poller: Poller, manager: EventManager, isPlain: boolean): number {
    if (!(poller instanceof EpollPoller)) {
      throw new Error('An instance of another thread is not nested');
    }
    if (isPlain) {
      // Protects nothing that is watched already.
      return poller.fd;
    }
    this.#protected.push(poller);
    return poller.nest([...manager]).fd;
  }

  pipe(): [WorldFd, WorldFd] {
    const { reader, writer } = Pipe.open();
    return [file(reader.detach()), file(writer.detach())];
  }

  socketpair(): [WorldFd, WorldFd] {
    const [one, other] = UnixStream.pair();
    return [file(one.detach()), file(other.detach())];
  }

  eventfd(): WorldFd {
    return counter(new EventFd().detach());
  }

  timer(): WorldFd {
    const timer = new TimerFd();
    return {
      ...counter(timer.fd),
      arm: (ms) => timer.set({ afterNs: BigInt(ms) * NS_PER_MS }),
      close: () => timer.close(),
    };
  }

  /** The list of the mounts. Any change of them is the event of every such file. */
  trigger(): WorldFd {
    const fd = openSync('/proc/self/mounts', 'r');
    return { ...file(fd), close: () => closeSync(fd), fire: () => this.#changeMounts() };
  }

  pass(ms: number): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }

  whileAsleep(pollers: readonly ThreadPoller[], waits: readonly (() => void)[], action: () => void): void {
    const asleep = pollers.map((poller) => poller.fallAsleep(64));
    const finish = (isAsleep: boolean): void => {
      for (const wait of waits.filter((_, index) => asleep[index] === isAsleep)) {
        wait();
      }
    };
    finish(false);
    action();
    // The kernel has woken by now those that it wakes. The others have nothing to report.
    for (const poller of pollers.filter((_, index) => asleep[index])) {
      if (poller.sleeps()) {
        poller.wake();
      }
    }
    finish(true);
  }

  inspect(): undefined {
    return undefined;
  }

  close(): void {
    for (const poller of this.#pollers) {
      poller.close();
    }
    if (this.#isMounted) {
      execFileSync('umount', [this.#folder]);
    }
    rmdirSync(this.#folder);
  }

  #changeMounts(): void {
    const batch = new ReadyBatch(1);
    for (const poller of this.#protected) {
      // It may be readable for its own sake.
      if (poller.wait(batch, 0) > 0) {
        throw new Error('An event is there before it happens');
      }
    }
    if (this.#isMounted) {
      execFileSync('umount', [this.#folder]);
    } else {
      execFileSync('mount', ['-t', 'tmpfs', 'none', this.#folder]);
    }
    this.#isMounted = !this.#isMounted;
    // A thread finds the event of a file that is watched apart, and makes the instance readable.
    for (const { fd } of this.#protected) {
      const other = new EpollPoller();
      other.add(fd, EventSet.IN, 1);
      other.wait(batch, Number.POSITIVE_INFINITY);
      other.close();
    }
  }
}

function file(fd: number): WorldFd {
  return {
    fd,
    read: (maxBytes) => read(fd, new Uint8Array(maxBytes)),
    write: (bytes) => write(fd, new Uint8Array(bytes)),
    dup: () => file(dup(fd)),
    close: () => close(fd),
  };
}

/** An eventfd, which reads and writes a count of eight bytes. */
function counter(fd: number): WorldFd {
  const count = new BigUint64Array(1);
  const bytes = new Uint8Array(count.buffer);
  return {
    fd,
    read: () => (read(fd, bytes) === undefined ? undefined : Number(count[0])),
    write: (amount) => {
      count[0] = BigInt(amount);
      return write(fd, bytes) === undefined ? undefined : amount;
    },
    dup: () => counter(dup(fd)),
    close: () => close(fd),
  };
}
