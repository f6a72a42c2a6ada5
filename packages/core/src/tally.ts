import type { WaitCause } from './ready-batch.js';

/** What one wait did. */
export interface WaitReport {
  /** Why it returned. `timer` means that no fd was ready, but a timer was due. */
  readonly cause: WaitCause | 'timer';
  /** How many entries it found: those of the poller, or those that an earlier wait had left. */
  readonly ready: number;
  /** How many callbacks it called, including those of timers. */
  readonly dispatched: number;
  /** How many entries were for a registration that had ended. */
  readonly stale: number;
  /** How many entries had no event that their registration still wants, or is free to take: see `serial` of `add`. */
  readonly masked: number;
}

/** Totals over all waits of a manager. */
export interface DispatchStats {
  /** How many waits have ended. */
  readonly waits: number;
  /** How many callbacks were called, including those of timers. */
  readonly dispatched: number;
  /** How many entries were for a registration that had ended. */
  readonly stale: number;
  /** How many entries had no event that their registration still wanted. */
  readonly masked: number;
}

/** Counts for a {@link WaitReport}. */
export class Tally implements WaitReport {
  cause: WaitReport['cause'] = 'timeout';
  ready = 0;
  dispatched = 0;
  stale = 0;
  masked = 0;

  start(cause: WaitReport['cause'], ready: number): void {
    this.cause = cause;
    this.ready = ready;
    this.dispatched = this.stale = this.masked = 0;
  }

  set(report: WaitReport): void {
    this.cause = report.cause;
    this.ready = report.ready;
    this.dispatched = report.dispatched;
    this.stale = report.stale;
    this.masked = report.masked;
  }
}

/** Adds up {@link DispatchStats}. */
export class Totals implements DispatchStats {
  waits = 0;
  dispatched = 0;
  stale = 0;
  masked = 0;

  add(report: WaitReport): void {
    this.waits++;
    this.dispatched += report.dispatched;
    this.stale += report.stale;
    this.masked += report.masked;
  }
}
