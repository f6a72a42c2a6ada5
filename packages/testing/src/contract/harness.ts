import type { Poller } from '@em/core';

/** An fd to watch. */
export interface TestFd {
  readonly fd: number;

  /** Makes `IN` true. Every call is an edge, even if `IN` is true already. */
  makeReady(): void;

  /** Makes `IN` false. */
  clear(): void;

  /** Closes the fd. A second call does nothing, even if another file has the number by then. */
  close(): void;
}

/** An fd that can hang up. */
export interface HangUpFd extends TestFd {
  /** Makes `HANG_UP` true, for example on the reading end of a pipe by closing the writing end. */
  hangUp(): void;
}

/** An fd whose poll consumes the event that it reports: `PRIORITY`, once per `fire()`. */
export interface ConsumingFd {
  readonly fd: number;
  fire(): void;
  close(): void;
}

/** An open fd that the poller refuses to watch. */
export interface RefusedFd {
  readonly fd: number;
  close(): void;
}

/**
 * A feature that not every poller has. The scenarios that need it are skipped if it is missing.
 *
 * - `edge-triggered`, `one-shot`, `exclusive`: these bits do what epoll does with them.
 * - `out`: an fd of `createFd` is always ready for `OUT`, as an eventfd is.
 * - `closing`: the poller forgets an fd when it is closed.
 * - `fd-reuse`: a new fd gets a number that was closed.
 * - `rebuild`: the poller has this method.
 * - `timeouts`: a wait with a timeout takes that long.
 * - `hang-up`, `consumed`, `dup`, `refusal`, `interrupt`, `run`: the harness has the method for it.
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
  | 'interrupt'
  | 'run';

/**
 * What the suite needs to test a poller. The suite closes everything that a harness creates. Each method gets the poller
 * of the scenario, and may ignore it.
 */
export interface Harness<P extends Poller = Poller> {
  createPoller(): P;

  createFd(poller: P): TestFd;

  /** For `hang-up`. */
  createHangUpFd?(poller: P): HangUpFd;

  /** For `consumed`: a file whose poll consumes the event. */
  createConsumingFd?(poller: P): ConsumingFd;

  /** For `refusal`: a regular file, if the poller is on epoll. */
  createRefusedFd?(poller: P): RefusedFd;

  /** For `dup`: another fd for the file of `testFd`, which `createFd` made. */
  dup?(testFd: TestFd, poller: P): TestFd;

  /** For `interrupt`: interrupts the next wait, once it blocks. */
  interruptNextWait?(poller: P): void;

  /**
   * For `run`, if the poller has `attach`: lets this time pass by the clock of the poller, and the host loop turn meanwhile.
   * For a poller on the clock of the host, it is `setTimeout` of `node:timers/promises`.
   */
  letPass?(ms: number, poller: P): Promise<unknown>;

  /** What the poller lacks. For a capability that has a method, leaving out the method suffices. */
  readonly lacks?: readonly Capability[];
}

export function has<P extends Poller>(harness: Harness<P>, capability: Capability): boolean {
  if (harness.lacks?.includes(capability)) {
    return false;
  }
  switch (capability) {
    case 'hang-up':
      return harness.createHangUpFd !== undefined;
    case 'consumed':
      return harness.createConsumingFd !== undefined;
    case 'dup':
      return harness.dup !== undefined;
    case 'refusal':
      return harness.createRefusedFd !== undefined;
    case 'interrupt':
      return harness.interruptNextWait !== undefined;
    case 'run':
      return harness.letPass !== undefined;
    default:
      return true;
  }
}
