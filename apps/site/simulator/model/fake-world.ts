import { type EventManager, type Poller, ReadyBatch } from '@em/core';
import {
  type FakeEventFd,
  type FakePipe,
  FakePoller,
  type FakeTimerFd,
  type FakeTrigger,
  type FakeUnixStream,
} from '@em/testing';
import type { How } from './step.ts';
import type { Lists, World, WorldFd } from './world.ts';

const NS_PER_MS = 1_000_000n;

/** The world of the fake kernel. */
export class FakeWorld implements World {
  /** Opens the files, and moves the clock. */
  readonly #kernel = new FakePoller();

  poller(): Poller {
    return new FakePoller({ sharing: this.#kernel });
  }

  fdOf(poller: Poller, _manager: EventManager, isPlain: boolean): number {
    return (poller as FakePoller)[isPlain ? 'plainFd' : 'fd'];
  }

  pipe(): [WorldFd, WorldFd] {
    const { reader, writer } = this.#kernel.pipe();
    return [pipeReader(reader), pipeWriter(writer)];
  }

  socketpair(): [WorldFd, WorldFd] {
    const [one, other] = this.#kernel.socketpair();
    return [socket(one), socket(other)];
  }

  eventfd(): WorldFd {
    return eventfd(this.#kernel.eventfd());
  }

  timer(): WorldFd {
    return timer(this.#kernel.timerfd());
  }

  trigger(): WorldFd {
    return trigger(this.#kernel.trigger());
  }

  pass(ms: number): void {
    this.#kernel.wait(new ReadyBatch(1), ms);
  }

  whileAsleep(pollers: readonly Poller[], waits: readonly (() => void)[], action: () => void): void {
    const [poller, ...others] = pollers;
    const [wait, ...otherWaits] = waits;
    if (poller === undefined || wait === undefined) {
      action();
      return;
    }
    let isNext = true;
    const goOn = (): void => {
      if (isNext) {
        isNext = false;
        this.whileAsleep(others, otherWaits, action);
      }
    };
    // The others fall asleep while this one sleeps. If it has something to report, it does not sleep.
    (poller as FakePoller).after(1, goOn);
    wait();
    goOn();
  }

  inspect(poller: Poller): Lists {
    const { interestList, readyList } = poller as FakePoller;
    return { interests: interestList, ready: readyList };
  }

  close(): void {
    this.#kernel.close();
  }
}

/** What the closures below share: numbers are watched, not objects, so that a close ends no registration. */
function base<F extends { readonly fd: number; dup(): F; close(): void }>(
  file: F,
  wrap: (file: F) => WorldFd,
): Pick<WorldFd, 'fd' | 'dup' | 'close'> {
  return { fd: file.fd, dup: () => wrap(file.dup()), close: () => file.close() };
}

function pipeReader(file: FakePipe['reader']): WorldFd {
  return { ...base(file, pipeReader), read: (maxBytes) => file.read(new Uint8Array(maxBytes)) };
}

function pipeWriter(file: FakePipe['writer']): WorldFd {
  return { ...base(file, pipeWriter), write: (bytes) => file.write(new Uint8Array(bytes)) };
}

function socket(file: FakeUnixStream): WorldFd {
  return {
    ...base(file, socket),
    read: (maxBytes) => file.read(new Uint8Array(maxBytes)),
    write: (bytes) => file.write(new Uint8Array(bytes)),
    shutdown: (how: How) => file.shutdown(how),
  };
}

function eventfd(file: FakeEventFd): WorldFd {
  return {
    ...base(file, eventfd),
    read: () => asNumber(file.read()),
    write: (count) => (file.write(BigInt(count)) ? count : undefined),
  };
}

function timer(file: FakeTimerFd): WorldFd {
  return {
    ...base(file, timer),
    read: () => asNumber(file.read()),
    arm: (ms) => file.set({ afterNs: BigInt(ms) * NS_PER_MS }),
    dueInMs: () => {
      const left = file.remaining();
      return left === undefined ? undefined : Number(left.afterNs) / 1e6;
    },
  };
}

function trigger(file: FakeTrigger): WorldFd {
  return { ...base(file, trigger), fire: () => file.fire() };
}

function asNumber(count: bigint | undefined): number | undefined {
  return count === undefined ? undefined : Number(count);
}
