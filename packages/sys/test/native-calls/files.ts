import { constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Binding } from '../../src/addon/binding.js';
import { shared } from './arrays.js';

const AF_NETLINK = 16;
/** linux/time.h. */
const CLOCK_MONOTONIC = 1;
/** asm-generic/fcntl.h; node:fs does not have it. */
const O_PATH = 0o10000000;
const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);

/** Files of all kinds, which are closed together. */
export class Files implements Disposable {
  readonly native: Binding;
  readonly #fds: number[] = [];
  readonly #ends: (() => void)[] = [];
  /** A process that runs as long as these files are open. */
  readonly pid: number;
  #folder: string | undefined;

  constructor(native: Binding, pid: number) {
    this.native = native;
    this.pid = pid;
  }

  /** Adds an fd, to close it with the others. */
  keep(fd: number): number {
    if (fd < 0) {
      throw new Error(`cannot be opened: ${fd}`);
    }
    this.#fds.push(fd);
    return fd;
  }

  /** Removes an fd, which another owner closes. */
  forget(fd: number): void {
    this.#fds.splice(this.#fds.indexOf(fd), 1);
  }

  /** Every kind of file, by name. */
  readonly kinds: Readonly<Record<string, () => number>> = {
    'an eventfd': () => this.eventfd(1),
    'a timerfd': () => this.timerfd(),
    'a pidfd': () => this.pidfd(),
    'an inotify': () => this.inotify(),
    'an epoll': () => this.epoll(),
    'the reader of a pipe': () => this.pipe()[0],
    'the writer of a pipe': () => this.pipe()[1],
    'a unix stream': () => this.pair()[0],
    'a unix datagram': () => this.pair('SOCK_DGRAM')[0],
    'a unix seqpacket': () => this.pair('SOCK_SEQPACKET')[0],
    'a unix listener': () => this.unixListener(),
    'a unix socket without a name': () => this.socket('AF_UNIX'),
    'a TCP socket': () => this.socket('AF_INET'),
    'a TCP listener': () => this.tcpListener(),
    'a UDP socket': () => this.socket('AF_INET6', 'SOCK_DGRAM'),
    'a netlink socket': () => this.keep(this.native.socket(AF_NETLINK, this.native.socketConstants.SOCK_DGRAM, 0)),
    'a regular file': () => this.keep(openSync(join(this.folder(), 'file'), 'w+')),
    'a directory': () => this.keep(openSync(this.folder(), 'r')),
    'a path': () => this.keep(openSync(this.folder(), O_PATH)),
    '/dev/null': () => this.keep(openSync('/dev/null', 'r+')),
    '/dev/zero': () => this.zeros(),
    'a pty': () => this.terminal(),
  };

  zeros(): number {
    return this.keep(openSync('/dev/zero', 'r+'));
  }

  epoll(): number {
    return this.keep(this.native.epollCreate());
  }

  eventfd(count: number): number {
    return this.keep(this.native.eventfd(count, 0));
  }

  timerfd(): number {
    return this.keep(this.native.timerfdCreate(CLOCK_MONOTONIC));
  }

  terminal(): number {
    return this.keep(openSync('/dev/ptmx', constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY));
  }

  inotify(): number {
    return this.keep(this.native.inotifyInit());
  }

  pidfd(): number {
    return this.keep(this.native.pidfdOpen(this.pid));
  }

  pipe(): [reader: number, writer: number] {
    const ends = new Uint32Array(2);
    this.native.pipe2(ends);
    return this.#keepBoth(ends);
  }

  socket(family: 'AF_UNIX' | 'AF_INET' | 'AF_INET6', type: 'SOCK_STREAM' | 'SOCK_DGRAM' = 'SOCK_STREAM'): number {
    const { socketConstants } = this.native;
    return this.keep(this.native.socket(socketConstants[family], socketConstants[type], 0));
  }

  /** Two connected sockets. The first can receive what the second has sent. */
  pair(type: 'SOCK_STREAM' | 'SOCK_DGRAM' | 'SOCK_SEQPACKET' = 'SOCK_STREAM'): [number, number] {
    const ends = new Uint32Array(2);
    const { socketConstants } = this.native;
    this.native.socketpair(socketConstants.AF_UNIX, socketConstants[type], 0, ends);
    const [near, far] = this.#keepBoth(ends);
    this.native.send(far, ONE, 0, ONE.length);
    return [near, far];
  }

  unixListener(): number {
    const fd = this.socket('AF_UNIX');
    this.native.bind(fd, this.unnamed());
    this.native.listen(fd, 8);
    return fd;
  }

  tcpListener(): number {
    const fd = this.socket('AF_INET');
    this.native.listen(fd, 8);
    return fd;
  }

  /** An address with a family only, which lets the kernel choose an abstract name. */
  unnamed(): Uint8Array {
    return new Uint8Array(new Uint16Array([this.native.socketConstants.AF_UNIX]).buffer);
  }

  /** Not a file, but a handle of `watchFd`. */
  watch(): unknown {
    const watch = this.native.watchFd(this.epoll(), () => 0, new ArrayBuffer(12));
    this.#ends.push(() => Reflect.apply(this.native.unwatchFd, undefined, [watch]));
    return watch;
  }

  /** A handle of `watchFdByThread`. */
  watchByThread(): unknown {
    const watch = this.native.watchFdByThread(this.epoll(), () => undefined);
    this.#ends.push(() => Reflect.apply(this.native.unwatchByThread, undefined, [watch]));
    return watch;
  }

  /** A handle of `startCollector`. */
  collector(): unknown {
    const collector = this.native.startCollector(this.epoll(), this.eventfd(0));
    this.#ends.push(() => Reflect.apply(this.native.stopCollector, undefined, [collector]));
    return collector;
  }

  /** Not a file, but the words by which threads share an eventfd. */
  share(): Uint32Array {
    const words = shared(Uint32Array, 1);
    const eventFd = this.eventfd(0);
    Reflect.apply(this.native.shareFd, undefined, [eventFd, words]);
    this.forget(eventFd);
    this.#ends.push(() => Reflect.apply(this.native.closeSharedFd, undefined, [words]));
    return words;
  }

  folder(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'em-native-'));
    return this.#folder;
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends) {
      end();
    }
    for (const fd of this.#fds) {
      this.native.close(fd);
    }
    if (this.#folder !== undefined) {
      rmSync(this.#folder, { recursive: true });
    }
  }

  #keepBoth([first = -1, second = -1]: Uint32Array): [number, number] {
    return [this.keep(first), this.keep(second)];
  }
}
