import { close, dup, EpollPoller, EventFd, Pipe, read, TimerFd, UnixStream, write } from '@em/sys';
import type { World, WorldFd, WorldPoller } from '../../simulator/model/world.ts';
import type { Scene } from '../../simulator/scenes.ts';

const NS_PER_MS = 1_000_000n;

/** Why the kernel cannot play a scene, or `undefined` if it can. */
export function lackOf({ steps }: Scene): string | undefined {
  if (steps.some((step) => step.startsWith('trigger'))) {
    return 'an event of a trigger cannot be made';
  }
  return steps.some((step) => step.includes(' while ')) ? 'it takes several threads' : undefined;
}

/** The world of the real kernel, for programs of one thread. */
export class KernelWorld implements World {
  readonly #pollers: EpollPoller[] = [];

  poller(): WorldPoller {
    const poller = new EpollPoller();
    this.#pollers.push(poller);
    return poller;
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

  trigger(): never {
    throw new Error('A program cannot make the event of a trigger');
  }

  pass(ms: number): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }

  whileAsleep(): never {
    throw new Error('It takes several threads');
  }

  inspect(): undefined {
    return undefined;
  }

  close(): void {
    for (const poller of this.#pollers) {
      poller.close();
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
