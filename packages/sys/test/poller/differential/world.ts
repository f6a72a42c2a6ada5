import type { Poller } from '@em/core';
import type { ShutdownHow } from '@em/testing';

/**
 * An fd, with the calls of its kind of file. A call that would block returns `undefined`. Each throws errors with
 * codes.
 */
export interface WorldFd {
  readonly fd: number;
  read?(into: Uint8Array): number | undefined;
  write?(from: Uint8Array): number | undefined;
  shutdown?(how: ShutdownHow): void;
  /** For a trigger: makes PRIORITY true until a poll. */
  fire?(): void;
  dup(): WorldFd;
  /** Called once. */
  close(): void;
}

/** A place where a program can run. A program must behave the same in every world. */
export interface World {
  readonly poller: Poller;

  /** Opens an eventfd with the count 1. */
  eventfd(): WorldFd;
  /** Opens a pipe: the reader and the writer. */
  pipe(): readonly [WorldFd, WorldFd];
  socketpair(): readonly [WorldFd, WorldFd];
  trigger(): WorldFd;

  /** Returns an fd relative to the lowest that the program can get. */
  relative(fd: number): number;

  /** Closes everything that was opened in this world. */
  close(): void;
}
