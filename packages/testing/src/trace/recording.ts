// What a recording consists of: plain data, so that it can be stored as JSON.

import type { EventSet, WaitCause } from '@em/core';

interface Timed {
  /** In milliseconds, by the clock of the poller or `performance.now()`. For other steps than waits and calls, the last time that was read before. */
  readonly atMs: number;
}

interface Fallible {
  /** The code of the error that the poller threw. Absent if it threw no error. */
  readonly error?: string;
}

interface Called extends Timed {
  readonly label?: string;
  /** Absent if the callback had not returned when the recording was read. */
  readonly tookMs?: number;
  /** Whether it threw an error. */
  readonly threw?: true;
  /** Whether it returned a promise. */
  readonly async?: true;
  /** Whether the promise of an earlier call of it was still pending. */
  readonly overlaps?: true;
}

/** A change of what is watched. */
export interface ChangeStep extends Timed, Fallible {
  readonly op: 'add' | 'modify';
  readonly fd: number;
  readonly events: EventSet;
  readonly generation: number;
  readonly label?: string;
}

/** The poller stops to watch an fd: the registration is deleted, paused, or held until its promise has settled. */
export interface DeleteStep extends Timed, Fallible {
  readonly op: 'delete';
  readonly fd: number;
  readonly label?: string;
}

/** One wait of the poller, with what it reported. */
export interface WaitStep extends Timed, Fallible {
  readonly op: 'wait';
  /** Absent if it was without a limit. */
  readonly timeoutMs?: number;
  /** How long it took. Not measured, and absent, if `timeoutMs` is 0. `atMs` is the end. */
  readonly waitedMs?: number;
  readonly cause?: WaitCause;
  /** Fd, events and generation of each entry. */
  readonly ready: readonly (readonly [fd: number, events: EventSet, generation: number])[];
}

/** A call of the callback of a registration. */
export interface CallStep extends Called {
  readonly op: 'call';
  readonly fd: number;
  readonly events: EventSet;
  readonly generation: number;
}

/** A call of the callback of a timer. */
export interface TimerStep extends Called {
  readonly op: 'timer';
}

/** A timer of the manager is about to be set. */
export interface SetTimerStep extends Timed {
  readonly op: 'set-timer';
  readonly label?: string;
}

/** A registration has ended. */
export interface EndStep extends Timed {
  readonly op: 'end';
  readonly fd: number;
  readonly label?: string;
}

/** The manager has called `rebuild` or `wake` of the poller. */
export interface OtherStep extends Timed, Fallible {
  readonly op: 'rebuild' | 'wake';
}

/** What happened, in the order in which it began. */
export type RecordedStep =
  | ChangeStep
  | DeleteStep
  | WaitStep
  | CallStep
  | TimerStep
  | SetTimerStep
  | EndStep
  | OtherStep;

/** A recording of {@link trace}. It can be stored as JSON. */
export interface Recording {
  readonly format: 'em-recording';
  readonly version: 1;
  /** How many entries are missing at the beginning, because newer ones have overwritten them. */
  readonly dropped: number;
  readonly steps: readonly RecordedStep[];
}

/** What a step is about, for messages: `fd 7 (client)`. */
export function nameOf(fd: number | undefined, label: string | undefined): string {
  const what = fd === undefined ? 'a timer' : `fd ${fd}`;
  return label === undefined ? what : `${what} (${label})`;
}
