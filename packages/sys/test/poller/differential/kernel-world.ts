import { spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ShutdownHow } from '@em/testing';
import { binding } from '../../../src/addon/binding.js';
import { checked, checkedUnlessBlocked } from '../../../src/addon/system-error.js';
import {
  Inotify,
  PidFd,
  TcpListener,
  TcpStream,
  TimerFd,
  UnixDatagram,
  UnixListener,
  UnixStream,
} from '../../../src/index.js';
import { child, datagrams, driven, type FdObject, timer, Watching } from './drivers.js';
import { freeRun } from './free-run.js';
import { NumberedPoller } from './numbered-poller.js';
import { codeOf } from './scene.js';
import type { World, WorldFd } from './world.js';

/** Its poll consumes the event that someone wrote to it. */
const HOST_NAME = '/proc/sys/kernel/hostname';

/** Long enough for the steps of a program between two ticks. */
const TICK_NS = 10_000_000n;

/** The world of the real kernel. */
export class KernelWorld implements World {
  readonly poller: NumberedPoller = new NumberedPoller();
  readonly #objects: (FdObject & { readonly closed: boolean })[] = [];
  readonly #folders: string[] = [];
  readonly #pids: number[] = [];
  #startNs: bigint | undefined;
  #nowTicks = 0;
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

  datagramPair(): [WorldFd, WorldFd] {
    const { AF_UNIX, SOCK_DGRAM } = binding().socketConstants;
    const ends = new Uint32Array(2);
    checked(binding().socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 'socketpair');
    const [one, other] = this.#both(ends);
    return [this.#messages(one), this.#messages(other)];
  }

  boundDatagrams(): [WorldFd, WorldFd] {
    const path = freshName();
    const bound = this.#driven(UnixDatagram.bind({ path }), UnixDatagram, datagrams);
    return [bound, this.#driven(UnixDatagram.connect({ path }), UnixDatagram, datagrams)];
  }

  listener(): WorldFd {
    const path = freshName();
    return this.#listener(UnixListener.listen({ path, backlog: 2 }), UnixListener, () => UnixStream.connect({ path }));
  }

  tcpListener(): WorldFd {
    const object = TcpListener.listen({ host: '127.0.0.1', port: 0 });
    const { address, port } = object.address;
    return this.#listener(object, TcpListener, () => TcpStream.connect({ host: address, port }));
  }

  inotify(): WorldFd {
    const folder = mkdtempSync(join(tmpdir(), 'em-differential-'));
    this.#folders.push(folder);
    const file = join(folder, 'f');
    writeFileSync(file, '');
    const watching = new Watching(folder, {
      modify: () => appendFileSync(file, 'x'),
      create: (n) => mkdirSync(join(folder, `d${n}`)),
      other: () => chmodSync(file, 0o600),
    });
    const inotify = new Inotify();
    watching.begin(inotify);
    return this.#driven(inotify, Inotify, (object) => watching.act(object));
  }

  timer(): WorldFd {
    return this.#driven(new TimerFd(), TimerFd, (object) => timer(object, (ticks) => this.#at(ticks), TICK_NS));
  }

  process(): WorldFd {
    const pid = startProcess();
    this.#pids.push(pid);
    return this.#driven(new PidFd(pid), PidFd, (driven) => child(driven, () => waitUntilEnded(driven)));
  }

  pass(ticks: number): void {
    this.#nowTicks += ticks;
    // To the middle between two ticks, so that it matters little how long the steps take.
    const untilNs = this.#at(0) + TICK_NS / 2n;
    const leftMs = Number(untilNs - process.hrtime.bigint()) / 1e6;
    if (leftMs > 0) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, leftMs);
    }
  }

  /** The time of a tick, counted from now. */
  #at(ticks: number): bigint {
    this.#startNs ??= process.hrtime.bigint() - TICK_NS / 2n;
    return this.#startNs + BigInt(this.#nowTicks + ticks) * TICK_NS;
  }

  #driven<T extends FdObject & { readonly closed: boolean }>(
    object: T,
    type: { adopt(fd: number): T },
    act: (object: T) => WorldFd['act'],
  ): WorldFd {
    this.#objects.push(object);
    return driven(object, (original) => this.#duplicate(original, type), act);
  }

  #duplicate<T extends FdObject & { readonly closed: boolean }>(original: T, type: { adopt(fd: number): T }): T {
    const object = type.adopt(checked(binding().dup(original.fd), 'dup', original.fd));
    this.#objects.push(object);
    return object;
  }

  #listener<T extends UnixListener | TcpListener>(
    object: T,
    type: { adopt(fd: number): T },
    connect: () => UnixStream | TcpStream | undefined,
  ): WorldFd {
    this.#objects.push(object);
    const bare = (stream: UnixStream | TcpStream | undefined): WorldFd | undefined =>
      stream && this.#socket(this.#opened(stream.detach()));
    return {
      fd: object.fd,
      connect: () => bare(connect()),
      accept: () => bare(object.accept()),
      dup: () => this.#listener(type.adopt(checked(binding().dup(object.fd), 'dup', object.fd)), type, connect),
      close: () => object.close(),
    };
  }

  /** The kernel takes a write of no bytes to be no message. */
  #messages(fd: number): WorldFd {
    return {
      ...this.#file(fd, true, false),
      write: (from) => checkedUnlessBlocked(binding().send(fd, from, 0, from.length), 'send', fd),
      dup: () => this.#messages(this.#opened(checked(binding().dup(fd), 'dup', fd))),
    };
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
    for (const object of this.#objects) {
      object.close();
    }
    this.#pids.forEach(endChild);
    for (const folder of this.#folders) {
      rmSync(folder, { recursive: true });
    }
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

let names = 0;

/** An abstract name that no other program has. */
function freshName(): string {
  return `\0em-differential-${process.pid}-${names++}`;
}

/** Starts a process that runs until it is killed, and returns its pid. */
function startProcess(): number {
  const child = spawn('/bin/sleep', ['1000'], { stdio: 'ignore' });
  child.unref();
  return child.pid ?? 0;
}

/** Ends a child that a program has left running. The pid of one that was reaped may belong to a stranger by now. */
function endChild(pid: number): void {
  try {
    using child = new PidFd(pid);
    if (child.reap() === undefined) {
      child.sendSignal('SIGKILL');
    }
  } catch (error) {
    if (!['ECHILD', 'ESRCH'].includes(codeOf(error))) {
      throw error;
    }
  }
}

/** SIGKILL ends a process soon, but not at once. */
function waitUntilEnded({ fd }: PidFd): void {
  const status = new Uint32Array(3);
  while (binding().pidfdWait(fd, status, 0) === 0) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.1);
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
