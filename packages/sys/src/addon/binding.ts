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
  readonly SO_PASSCRED: number;
  readonly SO_PEERCRED: number;
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

/** Words in shared memory, which other threads see as well. */
export type SharedWords = Uint32Array;

declare const WATCH: unique symbol;
declare const THREAD: unique symbol;
declare const COLLECTOR: unique symbol;

/** The result of `watchFd`. It is opaque, and useless once its environment has ended. */
interface WatchHandle {
  readonly [WATCH]: never;
}

/** The result of `watchFdByThread`, of the same kind. */
interface ThreadHandle {
  readonly [THREAD]: never;
}

/** The result of `startCollector`, of the same kind. */
export interface CollectorHandle {
  readonly [COLLECTOR]: never;
}

/**
 * The addon: system calls under their own names. Each returns its value or `-errno`, and decides nothing. `-EINVAL` also
 * stands for an argument of the wrong type. New fds are close-on-exec and non-blocking.
 */
export interface Binding {
  /** Checked before the first call. */
  readonly abi: number;

  epollCreate(): number;
  epollAdd(epollFd: number, fd: number, events: number, generation: number): number;
  epollModify(epollFd: number, fd: number, events: number, generation: number): number;
  epollDelete(epollFd: number, fd: number): number;
  /** `timeoutMs`: whole milliseconds up to 2³¹ − 1, or `Infinity`. */
  epollWait(epollFd: number, entries: ArrayBuffer, timeoutMs: number): number;
  epollPwait2(epollFd: number, entries: ArrayBuffer, seconds: number, nanoseconds: number): number;

  /** Starts a thread that waits on an epoll instance, and writes to the eventfd `notifyFd` when it has entries. */
  startCollector(epollFd: number, notifyFd: number): CollectorHandle | number;
  /** Moves the entries of the thread to `entries`, which has room for 64, and lets the thread wait again. */
  takeEntries(collector: CollectorHandle, entries: ArrayBuffer): number;
  stopCollector(collector: CollectorHandle): number;

  /** Returns the events that are ready, without waiting: poll(2). */
  pollOnce(fd: number, events: number): number;
  /** Returns `S_IFMT` of the mode of a file: 0 for anonymous files such as an eventfd, but 1 for a perf event. */
  fileType(fd: number): number;

  eventfd(initial: number, flags: number): number;

  timerfdCreate(clock: number): number;
  /** `times`: the first expiration and the interval, in nanoseconds. */
  timerfdSettime(fd: number, flags: number, times: BigInt64Array): number;
  /** Fills `times` with the time left and the interval, in nanoseconds. */
  timerfdGettime(fd: number, times: BigInt64Array): number;

  pidfdOpen(pid: number): number;
  pidfdSendSignal(fd: number, signal: number): number;
  /**
   * Fills `status` with `si_code`, `si_status` and `si_pid`, and returns 1. Returns 0 while the process runs. Reaps the
   * process unless `reap` is 0.
   */
  pidfdWait(fd: number, status: Uint32Array, reap: number): number;

  inotifyInit(): number;
  /** `path`: without a NUL. */
  inotifyAddWatch(fd: number, path: Uint8Array, mask: number): number;
  inotifyRmWatch(fd: number, watch: number): number;

  gettid(): number;

  /**
   * From now on, enters each new fd in the ledger, except those of `dup` and `recvmsg`. If there is no memory for the entry,
   * the call closes the new fd and returns `-ENOMEM`.
   */
  keepLedger(): number;
  /** Enters `fd` in the ledger, which closes it when the environment ends, unless `close` or `disownFd` comes first. */
  enterFd(fd: number): number;
  disownFd(fd: number): number;
  /** Returns 1 if `fd` is in the ledger, or 0. */
  hasFd(fd: number): number;

  /**
   * libuv then calls `onReady(0)` in each turn of the host loop in which the epoll fd is readable. If that returns more
   * than 0, the addon looks for at most as many entries, and calls `onReady` with their number if it finds any.
   */
  watchFd(epollFd: number, onReady: (found: number) => number, entries: ArrayBuffer): WatchHandle | number;
  unwatchFd(watch: WatchHandle): number;
  refWatch(watch: WatchHandle): number;
  unrefWatch(watch: WatchHandle): number;

  /** The host then calls `onReady` once when `fd` is readable, and once more after each `rearmThread`. A thread waits. */
  watchFdByThread(fd: number, onReady: () => void): ThreadHandle | number;
  unwatchByThread(thread: ThreadHandle): number;
  rearmThread(thread: ThreadHandle): number;
  refThread(thread: ThreadHandle): number;
  unrefThread(thread: ThreadHandle): number;

  /** `path`: without a NUL. Adds `O_CLOEXEC` and `O_NONBLOCK` to `flags`. */
  open(path: Uint8Array, flags: number, mode: number): number;
  read(fd: number, into: Uint8Array, offset: number, length: number): number;
  write(fd: number, from: Uint8Array, offset: number, length: number): number;
  /** `position`: of the file, up to 2⁵³ − 1. */
  readAt(fd: number, into: Uint8Array, offset: number, length: number, position: number): number;
  writeAt(fd: number, from: Uint8Array, offset: number, length: number, position: number): number;
  /** Like `read`, but returns `-EAGAIN` where a file that is no longer non-blocking would block. */
  readAtOnce(fd: number, into: Uint8Array, offset: number, length: number): number;
  /** Like `write`, in the same way. */
  writeAtOnce(fd: number, from: Uint8Array, offset: number, length: number): number;
  /** Like `readAtOnce`, for an eventfd or timerfd. `into`: 8 bytes. */
  readCounter(fd: number, into: ArrayBuffer): number;
  /** Adds to an eventfd. Blocks if it is full and not non-blocking. `from`: 8 bytes. */
  writeCounter(fd: number, from: ArrayBuffer): number;
  close(fd: number): number;
  dup(fd: number): number;
  /** Like `dup`, but enters the duplicate in the ledger. */
  dupOwned(fd: number): number;
  /** `F_GETFD`: the flags of the fd. */
  getFdFlags(fd: number): number;
  setFdFlags(fd: number, flags: number): number;
  /** `F_GETFL`: the flags of the open file. */
  getFlags(fd: number): number;
  setFlags(fd: number, flags: number): number;

  /** `integer`: from −2³¹ to 2³² − 1. */
  ioctlInteger(fd: number, request: number, integer: number): number;
  /** The kernel gets a copy of `argument` that is followed by zeros, and `argument` what the kernel made of it. */
  ioctlBytes(fd: number, request: number, argument: Uint8Array): number;
  /**
   * The same for an argument with addresses. `addresses` has their offsets in the argument, in ascending order; there,
   * the argument has the offset in the argument of what each points to, in 8 bytes.
   */
  ioctlAddresses(fd: number, request: number, argument: Uint8Array, addresses: Uint32Array): number;

  /**
   * Lets all threads duplicate `fd` until it is closed. The address of `words`, in shared memory, identifies it; their
   * contents do not matter.
   */
  shareFd(fd: number, words: SharedWords): number;
  /** Also ends an offer, and closes its fd if no other environment has taken that. */
  closeSharedFd(words: SharedWords): number;
  /** Returns a duplicate, close-on-exec, or `-EBADF` if no open fd is shared by the address of `words`. */
  dupSharedFd(words: SharedWords): number;
  /**
   * Two environments call it with the same address, which identifies the offer. The first word has to be 0 before. The
   * first call offers `fd`, takes it out of the ledger, and returns it. The second call returns the fd that is offered,
   * and enters it in its own ledger. Returns `-EPIPE` if the offer has ended, also with its environment; `-EXDEV` if
   * another copy of the addon has made it.
   */
  offerOrTakeFd(fd: number, words: SharedWords): number;

  /**
   * An empty array means no address, no fds, or the local address that the kernel chooses. `local` has 4 or 16 bytes, and
   * cannot be combined with fds.
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
   * Receives at most as many fds as `fds` has room for, close-on-exec. Receives the address that the message was sent to if
   * `local` has room for 16 bytes and the socket reports it. `local` cannot be combined with fds. Receives pid, uid and gid
   * of the sender if `credentials` has room for 3 words and the socket reports them. Fills `outcome` with the size of the
   * sender's address, the number of fds, the `MSG_` flags, the size of `local`, and the number of words of `credentials`.
   */
  recvmsg(
    fd: number,
    into: Uint8Array,
    offset: number,
    length: number,
    sockaddr: Uint8Array,
    fds: Uint32Array,
    local: Uint8Array,
    credentials: Uint32Array,
    outcome: Uint32Array,
    flags: number,
  ): number;
  /**
   * Fills the first `count` entries of a batch (`BatchMemory`), each with at most `room` bytes at a multiple of
   * `slotBytes`. With `withControl` 1, fills in local addresses and segment sizes, too. Returns the number of messages; 1
   * at most where the kernel or a container lacks the call.
   */
  recvmmsg(
    fd: number,
    bytes: ArrayBuffer,
    entries: ArrayBuffer,
    count: number,
    slotBytes: number,
    room: number,
    withControl: number,
  ): number;
  /**
   * Sends entries of a batch. Sends neighbours of one length for one peer together, if they have at most `maxJoined` bytes
   * each. Returns the number of entries, if at least one was sent.
   */
  sendmmsg(
    fd: number,
    bytes: ArrayBuffer,
    entries: ArrayBuffer,
    start: number,
    count: number,
    maxJoined: number,
  ): number;
  /**
   * Takes the first entry of the error queue: the datagram that could not be sent, its destination, and as `error` a
   * `struct sock_extended_err` with an address behind it. Fills `outcome` with the size of the destination, the size of
   * `error`, and the `MSG_` flags.
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

  /** Fills `value`, and returns the number of bytes. */
  getsockopt(fd: number, level: number, name: number, value: Uint8Array): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array): number;
  /** `instructions`: 8 bytes each. */
  attachFilter(fd: number, instructions: Uint8Array): number;

  /** Returns 1, or 0 if `text` is not an address of this family. */
  inetPton(family: number, text: string, bytes: Uint8Array): number;
  inetNtop(family: number, bytes: Uint8Array): string | number;
}

let loaded: Binding | undefined;

/**
 * Returns the addon, and loads it at the first call. So this package can be imported on every platform.
 *
 * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if it cannot be loaded here. The message lists what was tried.
 * @throws SystemError `EMFILE`, `ENFILE` if no fd is free to load it. The next call tries again.
 */
export function binding(): Binding {
  loaded ??= load();
  return loaded;
}

/**
 * A worker can be terminated at any moment, and then cannot close the fds of its objects. The addon closes them, and keeps
 * a ledger of them. In the main thread, the end of the process closes them.
 */
function load(): Binding {
  const native = loadAddon().exports as Binding;
  if (!runsInMainThread(native)) {
    checked(native.keepLedger(), 'keepLedger');
  }
  return native;
}

/**
 * Whether this is the first thread of the process. A worker never is. `isMainThread` of Node would load
 * `node:worker_threads`, and the streams with it.
 *
 * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM`, SystemError as {@link binding}.
 */
export function isMainThread(): boolean {
  return runsInMainThread(binding());
}

function runsInMainThread(native: Binding): boolean {
  return native.gettid() === process.pid;
}
