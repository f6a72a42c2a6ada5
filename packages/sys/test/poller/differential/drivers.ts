// Drive fd objects and their fakes in the same way: each function takes either.

import type { Inotify, PidFd, TimerFd, UnixDatagram } from '../../../src/index.js';
import type { Amount } from './program.js';
import type { WorldFd } from './world.js';

/** What every fd object and every fake has. */
export interface FdObject {
  readonly fd: number;
  close(): void;
}

/** Makes a file of a program from an fd object. A duplicate is another object. */
export function driven<T extends FdObject>(
  object: T,
  dup: (object: T) => T,
  act: (object: T) => WorldFd['act'],
): WorldFd {
  const { fd } = object;
  const perform = act(object);
  return {
    fd,
    ...(perform && { act: perform }),
    dup: () => driven(dup(object), dup, act),
    close: () => object.close(),
  };
}

const nothing = new Uint8Array(0);
const bytes = new Uint8Array(100);

type Sends = Pick<UnixDatagram, 'fd' | 'close' | 'send' | 'receiveFrom'>;

/** A socket that is bound, or connected to one that is: its peer holds a number of messages, whatever their size. */
export function datagrams(socket: Sends): WorldFd['act'] {
  return (what, amount) => {
    if (what === 'read') {
      const message = socket.receiveFrom(bytes.subarray(0, amount === 'little' ? 10 : 100));
      return message === undefined ? 'would block' : `${message.length}${message.truncated ? ' cut' : ''}`;
    }
    if (amount !== 'much') {
      return counted(socket.send({ nothing, little: bytes.subarray(0, 1), some: bytes }[amount]));
    }
    let count = 0;
    while (socket.send(nothing) !== undefined) {
      count++;
    }
    return `full after ${count}`;
  };
}

/** What a program does with the files of an inotify instance. `n` is different at each call. */
export interface Changes {
  /** Writes to one file. */
  modify(): void;
  /** Makes a directory. */
  create(n: number): void;
  /** Changes something that is not watched for. */
  other(): void;
}

/** An inotify instance that watches one directory. */
export class Watching {
  readonly #changes: Changes;
  readonly #path: string;
  #watch = 0;
  #count = 0;

  constructor(path: string, changes: Changes) {
    this.#path = path;
    this.#changes = changes;
  }

  get watch(): number {
    return this.#watch;
  }

  begin(inotify: Pick<Inotify, 'add'>): void {
    this.#watch = inotify.add(this.#path, ['CREATE', 'MODIFY']);
  }

  act(inotify: Pick<Inotify, 'add' | 'remove' | 'read'>): WorldFd['act'] {
    return (what, amount) => (what === 'read' ? read(inotify) : this.#write(inotify, amount));
  }

  #write(inotify: Pick<Inotify, 'add' | 'remove'>, amount: Amount): string {
    switch (amount) {
      case 'nothing':
        this.#changes.other();
        return 'done';
      case 'little':
        this.#changes.modify();
        return 'modified';
      case 'some':
        this.#changes.create(this.#count++);
        return 'created';
      case 'much': {
        const removed = inotify.remove(this.#watch);
        this.begin(inotify);
        return `${removed}, then watch ${this.#watch}`;
      }
    }
  }
}

function read(inotify: Pick<Inotify, 'read'>): string {
  const events = inotify.read();
  return events === undefined
    ? 'would block'
    : events.map((event) => (event.overflow ? 'overflow' : `${event.watch} ${event.changes} ${event.name}`)).join(', ');
}

/** A timer on a clock of ticks: `at` says when the tick after a number of them is. */
export function timer(
  object: Pick<TimerFd, 'fd' | 'close' | 'set' | 'disarm' | 'read' | 'remaining'>,
  at: (ticks: number) => bigint,
  tickNs: bigint,
): WorldFd['act'] {
  return (what, amount) => {
    if (what === 'read') {
      if (amount !== 'nothing') {
        return String(object.read());
      }
      const { afterNs, everyNs } = object.remaining() ?? {};
      return afterNs === undefined
        ? 'over'
        : `${(afterNs + tickNs - 1n) / tickNs} ticks, then ${everyNs && everyNs / tickNs}`;
    }
    switch (amount) {
      case 'nothing':
        object.disarm();
        return 'disarmed';
      case 'little':
        object.set({ atNs: at(1) });
        return 'set';
      case 'some':
        object.set({ atNs: at(1), everyNs: tickNs });
        return 'set';
      case 'much':
        object.set({ atNs: at(2), everyNs: 3n * tickNs });
        return 'set';
    }
  };
}

/** A process that SIGKILL ends. `settle` waits until it has ended. */
export function child(object: Pick<PidFd, 'fd' | 'close' | 'sendSignal' | 'reap'>, settle: () => void): WorldFd['act'] {
  return (what, amount) => {
    if (what === 'write') {
      const exists = object.sendSignal(amount === 'nothing' ? 0 : 'SIGKILL');
      if (amount !== 'nothing') {
        settle();
      }
      return String(exists);
    }
    const status = object.reap();
    return status === undefined ? 'runs' : `${status.exitCode} ${status.signal}`;
  };
}

function counted(count: number | undefined): string {
  return count === undefined ? 'would block' : String(count);
}
