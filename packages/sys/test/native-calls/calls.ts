import { EventSet } from '@em/core';
import type { Binding } from '../../src/addon/binding.js';
import { type AnyArray, type Kind, type Memory, oddArrays, oddBuffers, shared, withMargins } from './arrays.js';
import type { Files } from './files.js';
import {
  notArrays,
  notBuffers,
  notFunctions,
  notHandles,
  notInt32s,
  notIntegers,
  notTexts,
  notTimeouts,
  notWords,
} from './values.js';

/** An argument that a native function accepts, and the values that it refuses in its place. */
export interface Argument {
  readonly value: unknown;
  readonly refused: readonly unknown[];
  readonly isFd?: true;
  /** Unusual memory that it accepts. */
  readonly odd?: () => readonly Memory[];
}

/** A native function: its arguments, and how to clean up after a call. */
export interface Call {
  /** In the order of its parameters. */
  readonly takes: (files: Files) => readonly Argument[];
  readonly release?: (files: Files, result: unknown, args: readonly unknown[]) => void;
}

/** Every function of the addon. If one is missing, this does not compile. */
export type NativeName = {
  [Name in keyof Binding]: Binding[Name] extends (...args: never[]) => unknown ? Name : never;
}[keyof Binding];

/** linux/inotify.h. */
const IN_CREATE = 0x100;
/** asm-generic/ioctls.h. */
const TIOCGWINSZ = 0x5413;
const FIONCLEX = 0x5450;
/** `BPF_RET | BPF_K` of linux/bpf_common.h, with the maximum number of bytes. */
const ACCEPT_ALL = [6, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];

/** The maximum number of entries that a collector returns. */
const MAX_COLLECTED = 64;

/** The entry of a message in a batch, with its control messages. */
const BATCH_ENTRY_BYTES = 512;
/** Above the maximum capacity of a batch. */
const TOO_MANY = 257;

/** The highest possible number of an fd. No file has it. */
const HIGHEST_FD = 2 ** 31 - 1;

const fd = (value: number): Argument => ({ value, refused: notInt32s, isFd: true });
const int = (value: number): Argument => ({ value, refused: notInt32s });
const word = (value: number): Argument => ({ value, refused: notWords });
const ledgerFd: Argument = { value: HIGHEST_FD, refused: [...notWords, HIGHEST_FD + 1] };
const filePosition: Argument = { value: 2 ** 53 - 1, refused: [...notIntegers, -1, 2 ** 53, 2 ** 64] };
const timeout = (value: number): Argument => ({ value, refused: notTimeouts });
const callback: Argument = { value: () => undefined, refused: notFunctions };
const text = (value: string): Argument => ({ value, refused: notTexts });
const handle = (value: unknown, ofAnotherKind: unknown): Argument => ({
  value,
  refused: [...notHandles, ofAnotherKind],
});
const bytes = (length: number, values: Iterable<number> = []): Argument => array(Uint8Array, length, values);
const words = (length: number): Argument => array(Uint32Array, length, []);
const entries = (count: number): Argument => ({
  value: new ArrayBuffer(12 * count),
  refused: notBuffers,
  odd: () => oddBuffers(12 * count),
});
/** Eight zeros: writing them to an eventfd adds 0. */
const counter: Argument = { value: new ArrayBuffer(8), refused: notBuffers, odd: () => oddBuffers(8) };
const buffer = (byteLength: number): Argument => ({
  value: new ArrayBuffer(byteLength),
  refused: notBuffers,
  odd: () => oddBuffers(byteLength),
});
const longs = (length: number): Argument => array(BigInt64Array, length, []);

/** An array of bytes, an offset and a length. */
const slice = (length: number): Argument[] => [
  bytes(length, [1]),
  { value: 0, refused: [...notIntegers, -1, length + 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1] },
  { value: length, refused: [...notIntegers, -1, length + 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + length] },
];

/** An array in shared memory, and in no other. */
const sharedWords = (value: Uint32Array): Argument => {
  const { refused, ...argument } = arrayOf(value, Uint32Array, 1);
  return { ...argument, refused: [...refused, new Uint32Array(1)] };
};

function array(kind: Kind, length: number, values: Iterable<number>): Argument {
  const value = withMargins(kind, length);
  new Uint8Array(value.buffer, value.byteOffset).set([...values]);
  return arrayOf(value, kind, length);
}

function arrayOf(value: AnyArray, kind: Kind, length: number): Argument {
  const others = [Uint8Array, Uint32Array, BigInt64Array].filter((other) => other !== kind);
  return {
    value,
    refused: [...notArrays, ...others.map((other) => new other(length))],
    odd: () => oddArrays(kind, length),
  };
}

const closeResult: Call['release'] = (files, result) => {
  if (typeof result === 'number' && result >= 0) {
    files.native.close(result);
  }
};

/** Closes the two fds at the start of the last array. */
const closeEnds: Call['release'] = (files, result, args) => {
  if (result === 0) {
    const [first = -1, second = -1] = args.at(-1) as Uint32Array;
    files.native.close(first);
    files.native.close(second);
  }
};

/** A watched fd must not be closed. */
const unwatchResult: Call['release'] = (files, result) => {
  if (typeof result === 'object') {
    Reflect.apply(files.native.unwatchFd, undefined, [result]);
  }
};

const unwatchByThread: Call['release'] = (files, result) => {
  if (typeof result === 'object') {
    Reflect.apply(files.native.unwatchByThread, undefined, [result]);
  }
};

const onHandle: Call = { takes: (files) => [handle(files.watch(), files.watchByThread())] };
const onThreadHandle: Call = { takes: (files) => [handle(files.watchByThread(), files.watch())] };

export const CALLS: Readonly<Record<NativeName, Call>> = {
  epollCreate: { takes: () => [], release: closeResult },
  epollAdd: { takes: (files) => [fd(files.epoll()), fd(files.eventfd(0)), word(EventSet.IN), word(1)] },
  epollModify: {
    takes: (files) => {
      const [epollFd, eventFd] = [files.epoll(), files.eventfd(0)];
      files.native.epollAdd(epollFd, eventFd, EventSet.IN, 1);
      return [fd(epollFd), fd(eventFd), word(EventSet.OUT), word(1)];
    },
  },
  epollDelete: {
    takes: (files) => {
      const [epollFd, eventFd] = [files.epoll(), files.eventfd(0)];
      files.native.epollAdd(epollFd, eventFd, EventSet.IN, 1);
      return [fd(epollFd), fd(eventFd)];
    },
  },
  epollWait: { takes: (files) => [fd(readyEpoll(files)), entries(1), timeout(0)] },
  epollPwait2: { takes: (files) => [fd(readyEpoll(files)), entries(1), word(0), word(0)] },

  eventfd: { takes: () => [word(0), int(0)], release: closeResult },

  timerfdCreate: { takes: () => [int(1)], release: closeResult },
  timerfdSettime: { takes: (files) => [fd(files.timerfd()), int(0), longs(2)] },
  timerfdGettime: { takes: (files) => [fd(files.timerfd()), longs(2)] },

  pidfdOpen: { takes: (files) => [int(files.pid)], release: closeResult },
  pidfdSendSignal: { takes: (files) => [fd(files.pidfd()), int(0)] },
  pidfdWait: { takes: (files) => [fd(files.pidfd()), words(3), int(0)] },

  inotifyInit: { takes: () => [], release: closeResult },
  inotifyAddWatch: { takes: (files) => [fd(files.inotify()), bytes(1, Buffer.from('/')), word(IN_CREATE)] },
  inotifyRmWatch: {
    takes: (files) => {
      const inotify = files.inotify();
      return [fd(inotify), int(files.native.inotifyAddWatch(inotify, Buffer.from('/'), IN_CREATE))];
    },
  },

  gettid: { takes: () => [] },
  keepLedger: { takes: () => [] },
  enterFd: { takes: () => [ledgerFd] },
  hasFd: { takes: () => [ledgerFd] },
  disownFd: { takes: () => [ledgerFd] },

  watchFd: { takes: (files) => [fd(files.epoll()), callback, entries(1)], release: unwatchResult },
  unwatchFd: onHandle,
  refWatch: onHandle,
  unrefWatch: onHandle,

  watchFdByThread: { takes: (files) => [fd(files.epoll()), callback], release: unwatchByThread },
  unwatchByThread: onThreadHandle,
  rearmThread: onThreadHandle,
  refThread: onThreadHandle,
  unrefThread: onThreadHandle,

  startCollector: {
    takes: (files) => [fd(files.epoll()), fd(files.eventfd(0))],
    release: (files, result) => {
      if (typeof result === 'object') {
        Reflect.apply(files.native.stopCollector, undefined, [result]);
      }
    },
  },
  takeEntries: { takes: (files) => [handle(files.collector(), files.watch()), entries(MAX_COLLECTED)] },
  stopCollector: { takes: (files) => [handle(files.collector(), files.watch())] },

  pollOnce: { takes: (files) => [fd(files.eventfd(1)), word(EventSet.IN)] },
  fileType: { takes: (files) => [fd(files.eventfd(0))] },

  read: { takes: (files) => [fd(files.eventfd(1)), ...slice(8)] },
  readAt: { takes: (files) => [fd(files.zeros()), ...slice(8), filePosition] },
  writeAt: { takes: (files) => [fd(files.zeros()), ...slice(8), filePosition] },
  write: { takes: (files) => [fd(files.eventfd(1)), ...slice(8)] },
  readAtOnce: { takes: (files) => [fd(files.eventfd(1)), ...slice(8)] },
  writeAtOnce: { takes: (files) => [fd(files.eventfd(1)), ...slice(8)] },
  readCounter: { takes: (files) => [fd(files.eventfd(1)), counter] },
  writeCounter: { takes: (files) => [fd(files.eventfd(1)), counter] },
  open: { takes: () => [bytes(9, Buffer.from('/dev/null')), int(0), word(0)], release: closeResult },
  close: {
    takes: (files) => [fd(files.eventfd(0))],
    release: (files, result, [closed]) => {
      if (result === 0) {
        files.forget(Number(closed));
      }
    },
  },
  dup: { takes: (files) => [fd(files.eventfd(0))], release: closeResult },
  dupOwned: { takes: (files) => [fd(files.eventfd(0))], release: closeResult },
  getFdFlags: { takes: (files) => [fd(files.eventfd(0))] },
  getFlags: { takes: (files) => [fd(files.eventfd(0))] },
  setFdFlags: { takes: (files) => [fd(files.eventfd(0)), int(1)] },
  setFlags: {
    takes: (files) => {
      const eventFd = files.eventfd(0);
      return [fd(eventFd), int(files.native.getFlags(eventFd))];
    },
  },

  ioctlInteger: {
    takes: (files) => [
      fd(files.terminal()),
      word(FIONCLEX),
      { value: 0, refused: [...notIntegers, -(2 ** 31) - 1, 2 ** 32] },
    ],
  },
  ioctlAddresses: { takes: (files) => [fd(files.terminal()), word(TIOCGWINSZ), bytes(8), words(0)] },
  ioctlBytes: { takes: (files) => [fd(files.terminal()), word(TIOCGWINSZ), bytes(8)] },

  shareFd: {
    takes: (files) => [{ value: files.eventfd(0), refused: [...notInt32s, -1] }, sharedWords(shared(Uint32Array, 1))],
    release: (files, result, [fd, words]) => {
      if (result === 0) {
        Reflect.apply(files.native.closeSharedFd, undefined, [words]);
        files.forget(Number(fd));
      }
    },
  },
  closeSharedFd: { takes: (files) => [sharedWords(files.share())] },
  dupSharedFd: { takes: (files) => [sharedWords(files.share())], release: closeResult },

  offerOrTakeFd: {
    takes: (files) => [{ value: files.eventfd(0), refused: [...notInt32s, -1] }, sharedWords(shared(Uint32Array, 1))],
    release: (files, result, [fd, words]) => {
      if (result === fd) {
        Reflect.apply(files.native.closeSharedFd, undefined, [words]);
        files.forget(Number(fd));
      }
    },
  },

  sendmsg: { takes: (files) => [fd(files.pair()[0]), ...slice(8), bytes(0), words(0), bytes(0)] },
  recvmsg: {
    takes: (files) => [fd(files.pair()[0]), ...slice(8), bytes(112), words(2), bytes(0), words(3), words(5), int(0)],
  },
  recvmmsg: {
    takes: (files) => [
      fd(files.pair('SOCK_DGRAM')[0]),
      buffer(2 * 64),
      buffer(2 * BATCH_ENTRY_BYTES),
      { value: 2, refused: [...notIntegers, 0, -1, 3, TOO_MANY, 2 ** 31, 2 ** 32, 2 ** 32 + 1] },
      { value: 64, refused: [...notWords, 7, 65, 2 ** 31, 2 ** 32 - 1] },
      { value: 8, refused: [...notWords, 65, 2 ** 31, 2 ** 32 - 1] },
      word(1),
    ],
  },
  sendmmsg: {
    takes: (files) => [
      fd(files.pair('SOCK_DGRAM')[0]),
      buffer(2 * 64),
      buffer(2 * BATCH_ENTRY_BYTES),
      { value: 0, refused: [...notIntegers, -1, 1, 3, TOO_MANY, 2 ** 31, 2 ** 32, 2 ** 32 + 1] },
      { value: 2, refused: [...notIntegers, -1, 3, TOO_MANY, 2 ** 31, 2 ** 32, 2 ** 32 + 1] },
      { value: 0, refused: [...notWords, 2 ** 16] },
    ],
  },
  // A unix socket ignores MSG_ERRQUEUE.
  recverr: {
    takes: (files) => [fd(files.pair()[0]), ...slice(8), bytes(112), bytes(44), words(3)],
  },

  pipe2: { takes: () => [words(2)], release: closeEnds },

  socket: { takes: (files) => [...unixStream(files), int(0)], release: closeResult },
  socketpair: { takes: (files) => [...unixStream(files), int(0), words(2)], release: closeEnds },
  bind: { takes: (files) => [fd(files.socket('AF_UNIX')), bytes(2, files.unnamed())] },
  connect: {
    takes: (files) => {
      const address = new Uint8Array(112);
      const size = files.native.getsockname(files.unixListener(), address);
      return [fd(files.socket('AF_UNIX')), bytes(size, address.subarray(0, size))];
    },
  },
  listen: { takes: (files) => [fd(files.socket('AF_INET')), int(1)] },
  accept: {
    takes: (files) => {
      const [listener, address] = [files.unixListener(), new Uint8Array(112)];
      const size = files.native.getsockname(listener, address);
      files.native.connect(files.socket('AF_UNIX'), address.subarray(0, size));
      return [fd(listener)];
    },
    release: closeResult,
  },
  recv: { takes: (files) => [fd(files.pair()[0]), ...slice(8)] },
  send: { takes: (files) => [fd(files.pair()[0]), ...slice(8)] },
  shutdown: { takes: (files) => [fd(files.pair()[0]), int(files.native.socketConstants.SHUT_WR)] },
  getsockname: { takes: (files) => [fd(files.unixListener()), bytes(112)] },
  getpeername: { takes: (files) => [fd(files.pair()[0]), bytes(112)] },
  getsockopt: { takes: (files) => [fd(files.socket('AF_INET')), ...reuseAddress(files), bytes(4)] },
  setsockopt: { takes: (files) => [fd(files.socket('AF_INET')), ...reuseAddress(files), bytes(4)] },
  attachFilter: { takes: (files) => [fd(files.socket('AF_INET')), bytes(8, ACCEPT_ALL)] },

  inetPton: { takes: (files) => [int(files.native.socketConstants.AF_INET), text('127.0.0.1'), bytes(4)] },
  inetNtop: { takes: (files) => [int(files.native.socketConstants.AF_INET), bytes(4)] },
};

function readyEpoll(files: Files): number {
  const epollFd = files.epoll();
  files.native.epollAdd(epollFd, files.eventfd(1), EventSet.IN, 1);
  return epollFd;
}

function unixStream({ native }: Files): Argument[] {
  return [int(native.socketConstants.AF_UNIX), int(native.socketConstants.SOCK_STREAM)];
}

function reuseAddress({ native }: Files): Argument[] {
  return [int(native.socketConstants.SOL_SOCKET), int(native.socketConstants.SO_REUSEADDR)];
}
