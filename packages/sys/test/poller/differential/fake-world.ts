import { type FakeEventFd, FakePoller, type FakeSocket, type FakeTrigger } from '@em/testing';
import type { World, WorldFd } from './world.js';

/** The lowest fd that the fake assigns. */
const FIRST_FD = 3;

type FakePipe = ReturnType<FakePoller['pipe']>;

/** The world of the fake kernel. */
export class FakeWorld implements World {
  readonly poller: FakePoller = new FakePoller();

  eventfd(): WorldFd {
    return eventfd(this.poller.eventfd(1));
  }

  pipe(): [WorldFd, WorldFd] {
    const { reader, writer } = this.poller.pipe();
    return [pipeReader(reader), pipeWriter(writer)];
  }

  socketpair(): [WorldFd, WorldFd] {
    const [one, other] = this.poller.socketpair();
    return [socket(one), socket(other)];
  }

  trigger(): WorldFd {
    return trigger(this.poller.trigger());
  }

  relative(fd: number): number {
    return fd - FIRST_FD;
  }

  close(): void {
    this.poller.close();
  }
}

function eventfd(fake: FakeEventFd): WorldFd {
  return {
    fd: fake.fd,
    read: (into) => {
      const count = fake.read();
      if (count === undefined) {
        return undefined;
      }
      new DataView(into.buffer).setBigUint64(0, count, true);
      return into.length;
    },
    write: (from) => (fake.write(new DataView(from.buffer).getBigUint64(0, true)) ? from.length : undefined),
    dup: () => eventfd(fake.dup()),
    close: () => fake.close(),
  };
}

function pipeReader(fake: FakePipe['reader']): WorldFd {
  return {
    fd: fake.fd,
    read: (into) => fake.read(into),
    dup: () => pipeReader(fake.dup()),
    close: () => fake.close(),
  };
}

function pipeWriter(fake: FakePipe['writer']): WorldFd {
  return {
    fd: fake.fd,
    write: (from) => fake.write(from),
    dup: () => pipeWriter(fake.dup()),
    close: () => fake.close(),
  };
}

function socket(fake: FakeSocket): WorldFd {
  return {
    fd: fake.fd,
    read: (into) => fake.read(into),
    write: (from) => fake.write(from),
    shutdown: (how) => fake.shutdown(how),
    dup: () => socket(fake.dup()),
    close: () => fake.close(),
  };
}

function trigger(fake: FakeTrigger): WorldFd {
  return {
    fd: fake.fd,
    fire: () => fake.fire(),
    dup: () => trigger(fake.dup()),
    close: () => fake.close(),
  };
}
