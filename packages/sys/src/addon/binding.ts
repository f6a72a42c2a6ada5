import { isMainThread } from 'node:worker_threads';
import { loadAddon } from '../load-addon.js';
import { checked } from './system-error.js';

/** Numbers of `<sys/socket.h>`, `<netinet/in.h>` and `<netinet/tcp.h>`. */
export interface SocketConstants {
  readonly AF_INET: number;
  readonly AF_INET6: number;
  readonly AF_UNIX: number;
  readonly AF_NETLINK: number;
  readonly AF_PACKET: number;
  readonly AF_CAN: number;
  readonly AF_BLUETOOTH: number;
  readonly AF_VSOCK: number;
  readonly SOCK_STREAM: number;
  readonly SOCK_DGRAM: number;
  readonly SOCK_SEQPACKET: number;
  readonly SOCK_RAW: number;
  readonly IPPROTO_IP: number;
  readonly IP_PKTINFO: number;
  readonly IPV6_RECVPKTINFO: number;
  readonly IP_ADD_MEMBERSHIP: number;
  readonly IP_DROP_MEMBERSHIP: number;
  readonly IPPROTO_TCP: number;
  readonly IPPROTO_UDP: number;
  readonly IPPROTO_IPV6: number;
  readonly IPV6_V6ONLY: number;
  readonly IPV6_ADD_MEMBERSHIP: number;
  readonly IPV6_DROP_MEMBERSHIP: number;
  readonly SOL_SOCKET: number;
  readonly SO_ERROR: number;
  readonly SO_REUSEADDR: number;
  readonly SO_REUSEPORT: number;
  readonly SO_KEEPALIVE: number;
  readonly SO_BROADCAST: number;
  readonly SO_RCVBUF: number;
  readonly SO_SNDBUF: number;
  readonly SO_TYPE: number;
  readonly SO_DOMAIN: number;
  readonly SO_PROTOCOL: number;
  readonly SO_ACCEPTCONN: number;
  readonly SO_MEMINFO: number;
  readonly TCP_NODELAY: number;
  readonly TCP_KEEPIDLE: number;
  readonly IP_RECVERR: number;
  readonly IPV6_RECVERR: number;
  readonly MSG_OOB: number;
  readonly MSG_PEEK: number;
  readonly MSG_TRUNC: number;
  readonly MSG_CTRUNC: number;
  readonly SHUT_RD: number;
  readonly SHUT_WR: number;
  readonly SHUT_RDWR: number;
}

/** Words that other threads see, too. */
export type SharedWords = Uint32Array;

declare const WATCH: unique symbol;
declare const THREAD: unique symbol;
declare const COLLECTOR: unique symbol;

/** What `watchFd` returns: opaque, and good for nothing once its environment has ended. */
interface WatchHandle {
  readonly [WATCH]: never;
}

/** What `watchFdByThread` returns, of the same kind. */
interface ThreadHandle {
  readonly [THREAD]: never;
}

/** What `startCollector` returns, of the same kind. */
export interface CollectorHandle {
  readonly [COLLECTOR]: never;
}

/**
 * The addon: system calls under their own names. Each returns its value or `-errno` and decides nothing; `-EINVAL` also
 * stands for an argument of the wrong type. fds that it makes are close-on-exec and non-blocking.
 */
export interface Binding {
  /** Compared before anything is called. */
  readonly abi: number;

  epollCreate(): number;
  epollAdd(epollFd: number, fd: number, events: number, generation: number): number;
  epollModify(epollFd: number, fd: number, events: number, generation: number): number;
  epollDelete(epollFd: number, fd: number): number;
  /** `timeoutMs`: whole milliseconds up to 2³¹ − 1, or `Infinity`. */
  epollWait(epollFd: number, entries: ArrayBuffer, timeoutMs: number): number;
  epollPwait2(epollFd: number, entries: ArrayBuffer, seconds: number, nanoseconds: number): number;

  /** Has a thread wait on an epoll instance, and write to the eventfd `notifyFd` whenever it has entries to be taken. */
  startCollector(epollFd: number, notifyFd: number): CollectorHandle | number;
  /** Fills `entries`, which has room for 64 of them, with what the thread has found, and lets it wait again. */
  takeEntries(collector: CollectorHandle, entries: ArrayBuffer): number;
  stopCollector(collector: CollectorHandle): number;

  /** The events that are ready, without waiting: poll(2). */
  pollOnce(fd: number, events: number): number;
  /** `S_IFMT` of the mode of a file, which is 0 for eventfd and its like; 1 for a perf event. */
  fileType(fd: number): number;

  eventfd(initial: number, flags: number): number;

  timerfdCreate(clock: number): number;
  /** `times`: the first expiration and the interval, in nanoseconds. */
  timerfdSettime(fd: number, flags: number, times: BigInt64Array): number;
  /** Fills `times` with what is left and the interval, in nanoseconds. */
  timerfdGettime(fd: number, times: BigInt64Array): number;

  pidfdOpen(pid: number): number;
  pidfdSendSignal(fd: number, signal: number): number;
  /** 1 and `status` filled with `si_code` and `si_status`, 0 while it runs. Does not reap. */
  pidfdWait(fd: number, status: Uint32Array): number;

  inotifyInit(): number;
  /** `path`: without a NUL. */
  inotifyAddWatch(fd: number, path: Uint8Array, mask: number): number;
  inotifyRmWatch(fd: number, watch: number): number;

  /**
   * Has each fd that is made from now on entered, but those that `dup` and `recvmsg` give away. A call that has no memory
   * for the entry closes what it has made, and returns `-ENOMEM`.
   */
  keepLedger(): number;
  /** Has `fd` closed when the environment ends, unless `close` or `disownFd` comes before. */
  enterFd(fd: number): number;
  disownFd(fd: number): number;
  /** 1 if it is entered, or 0. */
  hasFd(fd: number): number;

  /** Has libuv call `onReady` in each turn of the host loop in which `fd` is readable. */
  watchFd(fd: number, onReady: () => void): WatchHandle | number;
  unwatchFd(watch: WatchHandle): number;
  refWatch(watch: WatchHandle): number;
  unrefWatch(watch: WatchHandle): number;

  /** Has a thread have the host call `onReady` once `fd` is readable, and once more after each `rearmThread`. */
  watchFdByThread(fd: number, onReady: () => void): ThreadHandle | number;
  unwatchByThread(thread: ThreadHandle): number;
  rearmThread(thread: ThreadHandle): number;
  refThread(thread: ThreadHandle): number;
  unrefThread(thread: ThreadHandle): number;

  /** `path`: without a NUL. Adds `O_CLOEXEC` and `O_NONBLOCK` to `flags`. */
  open(path: Uint8Array, flags: number, mode: number): number;
  read(fd: number, into: Uint8Array, offset: number, length: number): number;
  write(fd: number, from: Uint8Array, offset: number, length: number): number;
  /** Like `read`, but `-EAGAIN` where a file that was made non-blocking, and is not any more, would block. */
  readAtOnce(fd: number, into: Uint8Array, offset: number, length: number): number;
  /** The same for `write`. */
  writeAtOnce(fd: number, from: Uint8Array, offset: number, length: number): number;
  /** Like `readAtOnce`, from an eventfd or timerfd. `into`: 8 bytes. */
  readCounter(fd: number, into: ArrayBuffer): number;
  /** Adds to an eventfd, and blocks if it is full and not non-blocking. `from`: 8 bytes. */
  writeCounter(fd: number, from: ArrayBuffer): number;
  close(fd: number): number;
  dup(fd: number): number;
  /** The same, and the duplicate is entered. */
  dupOwned(fd: number): number;
  /** `F_GETFD`: those of the number itself. */
  getFdFlags(fd: number): number;
  setFdFlags(fd: number, flags: number): number;
  /** `F_GETFL`: those of the open file. */
  getFlags(fd: number): number;
  setFlags(fd: number, flags: number): number;

  /**
   * Lets all threads duplicate `fd` until it is closed. The address of `words`, in shared memory, identifies it; their
   * contents do not matter.
   */
  shareFd(fd: number, words: SharedWords): number;
  closeSharedFd(words: SharedWords): number;
  /** A duplicate for the calling thread, close-on-exec; `-EBADF` if no open fd is shared by the address of `words`. */
  dupSharedFd(words: SharedWords): number;

  /**
   * Without an address, without fds, and from the address that the kernel chooses, where their arrays are empty. `local`
   * has 4 or 16 bytes; fds cannot go with it.
   */
  sendmsg(
    fd: number,
    from: Uint8Array,
    offset: number,
    length: number,
    sockaddr: Uint8Array,
    fds: Uint32Array,
    local: Uint8Array,
  ): number;
  /**
   * Takes no more fds than `fds` has room for; they are close-on-exec. Takes the address that it was sent to, if `local`
   * has room for 16 bytes and the socket tells; fds cannot come with it. Fills `outcome` with the size of the sender's
   * address, how many fds came, `MSG_` flags, and the size of `local`.
   */
  recvmsg(
    fd: number,
    into: Uint8Array,
    offset: number,
    length: number,
    sockaddr: Uint8Array,
    fds: Uint32Array,
    local: Uint8Array,
    outcome: Uint32Array,
    flags: number,
  ): number;
  /**
   * Takes the first entry of the error queue: the datagram that could not be sent, where it was sent to, and as `error` a
   * `struct sock_extended_err` with an address behind it. Fills `outcome` with the size of the address it was sent to, that
   * of `error`, and `MSG_` flags.
   */
  recverr(
    fd: number,
    into: Uint8Array,
    offset: number,
    length: number,
    sockaddr: Uint8Array,
    error: Uint8Array,
    outcome: Uint32Array,
  ): number;

  /** Fills `ends` with the reader and the writer. */
  pipe2(ends: Uint32Array): number;

  socket(family: number, type: number, protocol: number): number;
  /** Fills `ends` with the two sockets. */
  socketpair(family: number, type: number, protocol: number, ends: Uint32Array): number;
  bind(fd: number, sockaddr: Uint8Array): number;
  connect(fd: number, sockaddr: Uint8Array): number;
  listen(fd: number, backlog: number): number;
  accept(fd: number): number;
  recv(fd: number, into: Uint8Array, offset: number, length: number): number;
  send(fd: number, from: Uint8Array, offset: number, length: number): number;
  shutdown(fd: number, how: number): number;
  getsockname(fd: number, sockaddr: Uint8Array): number;
  getpeername(fd: number, sockaddr: Uint8Array): number;
  readonly socketConstants: SocketConstants;

  /** Fills `value`, and returns how many bytes. */
  getsockopt(fd: number, level: number, name: number, value: Uint8Array): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array): number;
  /** `instructions`: of 8 bytes each. */
  attachFilter(fd: number, instructions: Uint8Array): number;

  /** 1, or 0 if `text` is no address of this family. */
  inetPton(family: number, text: string, bytes: Uint8Array): number;
  inetNtop(family: number, bytes: Uint8Array): string | number;
}

let loaded: Binding | undefined;

/**
 * The addon, loaded when it is first needed, so that importing this package works on every platform.
 *
 * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if it cannot be loaded here; the message says what was tried.
 * @throws SystemError `EMFILE`, `ENFILE` if no fd is free to load it. The next call tries again.
 */
export function binding(): Binding {
  loaded ??= load();
  return loaded;
}

/**
 * A worker can be terminated at any moment and has no chance to close what its objects own. The addon does, by a ledger
 * of these fds. In the main thread that is left to the end of the process.
 */
function load(): Binding {
  const native = loadAddon().exports as Binding;
  if (!isMainThread) {
    checked(native.keepLedger(), 'keepLedger');
  }
  return native;
}
