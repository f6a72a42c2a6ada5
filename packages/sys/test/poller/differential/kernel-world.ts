import { constants, readlinkSync, writeFileSync } from 'node:fs';
import type { ShutdownHow } from '@em/testing';
import { binding } from '../../../src/addon/binding.js';
import { checked, checkedUnlessBlocked } from '../../../src/addon/system-error.js';
import { freeRun } from './free-run.js';
import { NumberedPoller } from './numbered-poller.js';
import type { World, WorldFd } from './world.js';

/** Its poll consumes the event that someone wrote to it. */
const HOST_NAME = '/proc/sys/kernel/hostname';

/** The world of the real kernel. */
export class KernelWorld implements World {
  readonly poller: NumberedPoller = new NumberedPoller();
  readonly #firstFd: number;
  readonly #fillers: readonly number[];
  readonly #open = new Set<number>();

  constructor() {
    ({ first: this.#firstFd, fillers: this.#fillers } = freeRun());
  }

  eventfd(): WorldFd {
    const fd = this.#opened(checked(binding().eventfd(1, 0), 'eventfd'));
    return this.#file(fd, true, true);
  }

  pipe(): [WorldFd, WorldFd] {
    const ends = new Uint32Array(2);
    checked(binding().pipe2(ends), 'pipe2');
    const [reader, writer] = this.#both(ends);
    return [this.#file(reader, true, false), this.#file(writer, false, true)];
  }

  socketpair(): [WorldFd, WorldFd] {
    const { AF_UNIX, SOCK_STREAM } = binding().socketConstants;
    const ends = new Uint32Array(2);
    checked(binding().socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 'socketpair');
    const [one, other] = this.#both(ends);
    return [this.#socket(one), this.#socket(other)];
  }

  trigger(): WorldFd {
    assertOwnHostName();
    const fd = binding().open(new TextEncoder().encode(HOST_NAME), constants.O_RDONLY, 0);
    return this.#trigger(this.#opened(checked(fd, 'open')));
  }

  relative(fd: number): number {
    return fd - this.#firstFd;
  }

  close(): void {
    this.poller.dispose();
    for (const fd of [...this.#open, ...this.#fillers]) {
      checked(binding().close(fd), 'close', fd);
    }
  }

  #opened(fd: number): number {
    this.#open.add(fd);
    return fd;
  }

  #both(ends: Uint32Array): [number, number] {
    const [one, other] = [...ends] as [number, number];
    return [this.#opened(one), this.#opened(other)];
  }

  #file(fd: number, isReadable: boolean, isWritable: boolean): WorldFd {
    return {
      fd,
      ...(isReadable && { read: (into) => checkedUnlessBlocked(binding().read(fd, into, 0, into.length), 'read', fd) }),
      ...(isWritable && {
        write: (from) => checkedUnlessBlocked(binding().write(fd, from, 0, from.length), 'write', fd),
      }),
      dup: () => this.#file(this.#opened(checked(binding().dup(fd), 'dup', fd)), isReadable, isWritable),
      close: () => {
        this.#open.delete(fd);
        checked(binding().close(fd), 'close', fd);
      },
    };
  }

  #socket(fd: number): WorldFd {
    return {
      ...this.#file(fd, true, true),
      shutdown: (how) => void checked(binding().shutdown(fd, shutdownNumber(how)), 'shutdown', fd),
      dup: () => this.#socket(this.#opened(checked(binding().dup(fd), 'dup', fd))),
    };
  }

  #trigger(fd: number): WorldFd {
    const { close } = this.#file(fd, false, false);
    return {
      fd,
      fire: () => writeFileSync(HOST_NAME, 'differential'),
      dup: () => this.#trigger(this.#opened(checked(binding().dup(fd), 'dup', fd))),
      close,
    };
  }
}

/** Refuses to change the name of the host: see triggers.test.ts. */
function assertOwnHostName(): void {
  const ofHost = process.env['EM_HOST_UTS_NAMESPACE'];
  if (ofHost === undefined || ofHost === readlinkSync('/proc/self/ns/uts')) {
    throw new Error('A trigger needs a UTS namespace of its own');
  }
}

function shutdownNumber(how: ShutdownHow): number {
  const { SHUT_RD, SHUT_WR, SHUT_RDWR } = binding().socketConstants;
  return { read: SHUT_RD, write: SHUT_WR, both: SHUT_RDWR }[how];
}
