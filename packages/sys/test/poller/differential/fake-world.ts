import { ReadyBatch } from '@em/core';
import {
  type FakeEventFd,
  FakePoller,
  type FakeTcpStream,
  type FakeTrigger,
  type FakeUnixDatagram,
  type FakeUnixStream,
} from '@em/testing';
import { child, datagrams, driven, timer, Watching } from './drivers.js';
import type { World, WorldFd } from './world.js';

/** The lowest fd that the fake assigns. */
const FIRST_FD = 3;

const TICK_NS = 1_000_000n;

type FakePipe = ReturnType<FakePoller['pipe']>;

/** The world of the fake kernel. */
export class FakeWorld implements World {
  readonly poller: FakePoller = new FakePoller();
  /** Moves the clock. */
  readonly #idle = new FakePoller({ sharing: this.poller });
  #nowTicks = 0;
  #pids = 0;
  #names = 0;

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

  datagramPair(): [WorldFd, WorldFd] {
    const [one, other] = this.poller.datagramPair();
    return [messages(one), messages(other)];
  }

  boundDatagrams(): [WorldFd, WorldFd] {
    const path = this.#freshName();
    const bound = this.poller.unixDatagram({ path });
    return [this.#datagrams(bound), this.#datagrams(this.poller.connectUnixDatagram({ path }))];
  }

  listener(): WorldFd {
    const path = this.#freshName();
    const fake = this.poller.unixListener({ path, backlog: 2 });
    return listener(fake, () => this.poller.connectUnix({ path }));
  }

  tcpListener(): WorldFd {
    const fake = this.poller.tcpListener();
    const { address, port } = fake.address;
    return listener(fake, () => this.poller.connectTcp({ host: address, port }));
  }

  inotify(): WorldFd {
    const fake = this.poller.inotify();
    const watching: Watching = new Watching('/', {
      modify: () => fakes.emit(watching.watch, 'MODIFY', { name: 'f' }),
      create: (n) => fakes.emit(watching.watch, 'CREATE', { name: `d${n}`, isDirectory: true }),
      other: () => fakes.emit(watching.watch, 'ATTRIB', { name: 'f' }),
    });
    // Of those that are open, any will do: they are one instance.
    let fakes = fake;
    watching.begin(fake);
    return driven(
      fake,
      (object) => object.dup(),
      (object) => {
        const act = watching.act(object);
        return (what, amount) => {
          fakes = object;
          return act?.(what, amount) ?? '';
        };
      },
    );
  }

  timer(): WorldFd {
    return driven(
      this.poller.timerfd(),
      (object) => object.dup(),
      (object) => timer(object, (ticks) => BigInt(this.#nowTicks + ticks) * TICK_NS, TICK_NS),
    );
  }

  process(): WorldFd {
    this.#pids++;
    return driven(
      this.poller.pidfd(this.#pids),
      (object) => object.dup(),
      (object) => child(object, () => undefined),
    );
  }

  pass(ticks: number): void {
    this.#nowTicks += ticks;
    this.#idle.wait(new ReadyBatch(1), ticks);
  }

  #freshName(): string {
    return `\0${this.#names++}`;
  }

  #datagrams(fake: FakeUnixDatagram): WorldFd {
    return driven(fake, (object) => object.dup(), datagrams);
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

function socket(fake: Stream): WorldFd {
  return {
    fd: fake.fd,
    read: (into) => fake.read(into),
    write: (from) => fake.write(from),
    shutdown: (how) => fake.shutdown(how),
    dup: () => socket(fake.dup()),
    close: () => fake.close(),
  };
}

function messages(fake: FakeUnixDatagram): WorldFd {
  return {
    fd: fake.fd,
    read: (into) => fake.receive(into),
    write: (from) => fake.send(from),
    dup: () => messages(fake.dup()),
    close: () => fake.close(),
  };
}

type Stream = FakeUnixStream | FakeTcpStream;

interface FakeListener {
  readonly fd: number;
  accept(): Stream | undefined;
  dup(): FakeListener;
  close(): void;
}

function listener(fake: FakeListener, connect: () => Stream | undefined): WorldFd {
  const orNothing = (stream: Stream | undefined): WorldFd | undefined => stream && socket(stream);
  return {
    fd: fake.fd,
    connect: () => orNothing(connect()),
    accept: () => orNothing(fake.accept()),
    dup: () => listener(fake.dup(), connect),
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
