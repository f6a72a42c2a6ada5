import type { Poller } from '@em/core';

/** Something to watch. */
export interface Source {
  readonly fd: number;

  /** Makes `IN` true. Called again while it is, it is an edge again. */
  makeReady(): void;

  /** Makes `IN` false. */
  clear(): void;

  /** Closes it. A second call does nothing, whoever has the number by then. */
  close(): void;
}

/** A source that can come to its end. */
export interface HangUpSource extends Source {
  /** Makes `HANG_UP` true, whether asked for or not: on a pipe's reader, by closing the writer. */
  hangUp(): void;
}

/** A file whose poll consumes the event that it reports: `PRIORITY`, once each time that it fires. */
export interface ConsumedSource {
  readonly fd: number;
  fire(): void;
  close(): void;
}

/** An fd that is open, and that the poller refuses to watch. */
export interface RefusedSource {
  readonly fd: number;
  close(): void;
}

/**
 * Something that not every poller has. The scenarios that need it are skipped, by name, where it is missing.
 *
 * - `edge-triggered`, `one-shot`, `exclusive`: these bits do what epoll does with them.
 * - `out`: what `createSource` makes is always ready for `OUT`, as an eventfd is.
 * - `closing`: closing a source ends what the poller knows of it.
 * - `fd-reuse`: a new source gets the number of one that was closed.
 * - `rebuild`: the poller has this method.
 * - `timeouts`: a wait with a timeout takes as long.
 * - `hang-up`, `consumed`, `dup`, `refusal`, `interrupt`: the method of the harness below.
 */
export type Capability =
  | 'edge-triggered'
  | 'one-shot'
  | 'exclusive'
  | 'out'
  | 'closing'
  | 'fd-reuse'
  | 'rebuild'
  | 'timeouts'
  | 'hang-up'
  | 'consumed'
  | 'dup'
  | 'refusal'
  | 'interrupt';

/**
 * What the suite needs to hold a poller to the contract. Everything it makes is closed by the suite. Each method gets the
 * poller that its result is for; one that has nothing to do with it ignores it.
 */
export interface Harness<P extends Poller = Poller> {
  createPoller(): P;

  createSource(poller: P): Source;

  /** For `hang-up`. */
  createHangUpSource?(poller: P): HangUpSource;

  /** For `consumed`: a file whose poll consumes the event. */
  createConsumedSource?(poller: P): ConsumedSource;

  /** For `refusal`: with epoll, a regular file. */
  createRefusedSource?(poller: P): RefusedSource;

  /** For `dup`: a second fd for what `source`, made by `createSource`, stands for. */
  dup?(source: Source, poller: P): Source;

  /** For `interrupt`: sees to it that a wait which is begun now, and blocks, is interrupted. */
  interruptNextWait?(poller: P): void;

  /** The clock that timeouts go by. `performance.now()` if not given. */
  nowMs?(poller: P): number;

  /** What the poller has not got, of the capabilities that go without a method. */
  readonly lacks?: readonly Capability[];
}

/** Whether a harness has something. */
export function has<P extends Poller>(harness: Harness<P>, capability: Capability): boolean {
  if (harness.lacks?.includes(capability)) {
    return false;
  }
  switch (capability) {
    case 'hang-up':
      return harness.createHangUpSource !== undefined;
    case 'consumed':
      return harness.createConsumedSource !== undefined;
    case 'dup':
      return harness.dup !== undefined;
    case 'refusal':
      return harness.createRefusedSource !== undefined;
    case 'interrupt':
      return harness.interruptNextWait !== undefined;
    default:
      return true;
  }
}
