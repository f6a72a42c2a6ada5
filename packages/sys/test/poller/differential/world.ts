import type { Poller } from '@em/core';
import type { ShutdownHow } from '@em/testing';
import type { Amount } from './program.js';

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
  /** For a listener: connects a client. */
  connect?(): WorldFd | undefined;
  /** For a listener: accepts a connection. */
  accept?(): WorldFd | undefined;
  /** For kinds that carry no bytes of the program: writes to it or reads from it, and returns the outcome as text. */
  act?(what: 'write' | 'read', amount: Amount): string;
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
  datagramPair(): readonly [WorldFd, WorldFd];
  /** A datagram socket with a name, and another one that is connected to it. */
  boundDatagrams(): readonly [WorldFd, WorldFd];
  /** A listener that three clients can wait for. */
  listener(): WorldFd;
  tcpListener(): WorldFd;
  /** Watches a directory. */
  inotify(): WorldFd;
  /** A timer on the ticks of the world. */
  timer(): WorldFd;
  /** A process that runs until it is written to. */
  process(): WorldFd;

  /** Lets time pass. */
  pass(ticks: number): void;

  /** Returns an fd relative to the lowest that the program can get. */
  relative(fd: number): number;

  /** Closes everything that was opened in this world. */
  close(): void;
}
