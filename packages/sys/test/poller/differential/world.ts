import type { Poller } from '@em/core';
import type { ShutdownHow } from '@em/testing';

/** One fd, with the calls that its kind of file has. `undefined` is what would block. Each throws an error with a code. */
export interface WorldFd {
  readonly fd: number;
  read?(into: Uint8Array): number | undefined;
  write?(from: Uint8Array): number | undefined;
  shutdown?(how: ShutdownHow): void;
  dup(): WorldFd;
  /** Called once. */
  close(): void;
}

/** Somewhere a program can run. A program must not be able to tell which one it is in. */
export interface World {
  readonly poller: Poller;

  /** Counted to 1. */
  eventfd(): WorldFd;
  /** The reader and the writer. */
  pipe(): readonly [WorldFd, WorldFd];
  socketpair(): readonly [WorldFd, WorldFd];

  /** An fd counted from the lowest that the program can get. */
  relative(fd: number): number;

  /** Closes everything that was opened in it. */
  close(): void;
}
