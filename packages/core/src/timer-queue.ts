import type { TimerRequest } from './arguments.js';
import { attempt } from './closing.js';
import { closed } from './errors.js';
import type { Timer } from './timer.js';
import { TimerEntry, type TimerGroup, type TimerOwner } from './timer-entry.js';

/**
 * The pending timers, in a binary heap. Two timers are in the order in which they are due, or else in which they were
 * set.
 *
 * A wait calls what is due when the poller returns: this is a round. A timer that is set during a round, also with a
 * delay of 0, waits for the next one. So a round always ends.
 */
export class TimerQueue implements TimerOwner {
  /** Called after the first timer was set, and after the last one has ended. */
  onResize: (() => void) | undefined;
  /** Called after a timer was set or has ended. */
  onChange: (() => void) | undefined;
  readonly #clock: () => number;
  readonly #heap: TimerEntry[] = [];
  /** What `nextDeadline` returns, or `NaN` if it must be computed again. */
  #nextDeadline = Number.POSITIVE_INFINITY;
  #lastOrder = 0;
  /** The deadline for which the wait was shortened. */
  #awaitedMs = Number.NEGATIVE_INFINITY;
  /** What is due by then belongs to the round, if it was set before the round. */
  #roundMs = Number.NEGATIVE_INFINITY;
  #roundOrder = 0;
  #isClosed = false;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** When a timer has to be called at the latest. `Infinity` without timers. */
  get nextDeadline(): number {
    if (Number.isNaN(this.#nextDeadline)) {
      this.#nextDeadline = this.#earliestDeadline(0, Number.POSITIVE_INFINITY);
    }
    return this.#nextDeadline;
  }

  /** How long it is until the next deadline. 0 if it has passed. */
  get remainingMs(): number {
    return Math.max(0, this.nextDeadline - this.#clock());
  }

  /** Whether a timer of the round has not been called. */
  get hasDue(): boolean {
    const first = this.#heap[0];
    return first !== undefined && first.dueMs <= this.#roundMs && first.order <= this.#roundOrder;
  }

  /**
   * @throws EventManagerError `ERR_EM_CLOSED` if the queue is closed.
   * @throws `signal.reason` if the signal is aborted.
   */
  start(method: string, request: TimerRequest, group?: TimerGroup): Timer {
    if (this.#isClosed) {
      throw closed(method);
    }
    const timer = new TimerEntry(this, request, group);
    timer.start();
    return timer;
  }

  /** Shortens a timeout, so that the wait ends at the next deadline. */
  limit(timeoutMs: number): number {
    const remainingMs = timeoutMs > 0 ? this.remainingMs : Number.POSITIVE_INFINITY;
    this.#awaitedMs = remainingMs > timeoutMs ? Number.NEGATIVE_INFINITY : this.nextDeadline;
    return Math.min(timeoutMs, remainingMs);
  }

  /**
   * Begins a round.
   *
   * @param isTimeUp - Whether the time is up that {@link TimerQueue.limit} returned. The clock can be too coarse to show
   * it.
   */
  beginRound(isTimeUp: boolean): void {
    const nowMs = this.#clock();
    this.#roundMs = isTimeUp ? Math.max(nowMs, this.#awaitedMs) : nowMs;
    this.#awaitedMs = Number.NEGATIVE_INFINITY;
    this.#roundOrder = this.#lastOrder;
  }

  /** Takes the next timer of the round out of the queue, or moves it to its next period. */
  take(): TimerEntry | undefined {
    const timer = this.#heap[0];
    if (timer === undefined || !this.hasDue) {
      return undefined;
    }
    if (timer.isPeriodic) {
      this.#toNextPeriod(timer);
    } else {
      this.remove(timer);
      attempt(() => timer.detach?.(), []);
    }
    return timer;
  }

  insert(timer: TimerEntry): void {
    if (this.#isClosed) {
      timer.cancel();
      return;
    }
    timer.index = this.#heap.push(timer) - 1;
    timer.group?.timers.add(timer);
    this.#set(timer);
    if (this.#heap.length === 1) {
      this.onResize?.();
    }
  }

  restart(timer: TimerEntry): void {
    this.#forgetDeadline(timer);
    this.#set(timer);
  }

  remove(timer: TimerEntry): void {
    const { index } = timer;
    if (index < 0) {
      return;
    }
    this.#forgetDeadline(timer);
    timer.index = -1;
    timer.group?.timers.delete(timer);
    const last = this.#heap.pop() as TimerEntry;
    if (last !== timer) {
      this.#settle(last, index);
    }
    if (this.#heap.length === 0) {
      this.onResize?.();
    }
    this.onChange?.();
  }

  /** Cancels every timer, for good. */
  close(failures: unknown[]): void {
    this.#isClosed = true;
    for (const timer of [...this.#heap]) {
      attempt(() => timer.cancel(), failures);
    }
  }

  #set(timer: TimerEntry): void {
    timer.order = ++this.#lastOrder;
    this.#schedule(timer, this.#clock() + timer.delayMs);
    this.onChange?.();
  }

  /** Skips the periods that are over. The others stay where they are, however late this one is. */
  #toNextPeriod(timer: TimerEntry): void {
    const { dueMs, delayMs } = timer;
    const roundMs = this.#roundMs;
    let nextMs = dueMs + delayMs * (Math.floor((roundMs - dueMs) / delayMs) + 1);
    if (!(nextMs > roundMs && nextMs < Number.POSITIVE_INFINITY)) {
      // The period is shorter than the resolution of the clock.
      nextMs = roundMs;
      timer.order = ++this.#lastOrder;
    }
    this.#forgetDeadline(timer);
    this.#schedule(timer, nextMs);
  }

  #schedule(timer: TimerEntry, dueMs: number): void {
    timer.dueMs = dueMs;
    const deadline = dueMs + timer.slackMs;
    if (deadline < this.#nextDeadline) {
      this.#nextDeadline = deadline;
    }
    this.#settle(timer, timer.index);
  }

  #forgetDeadline({ dueMs, slackMs }: TimerEntry): void {
    if (dueMs + slackMs === this.#nextDeadline) {
      this.#nextDeadline = Number.NaN;
    }
  }

  /** Visits only timers that are due before the deadline: all of them will be called together. */
  #earliestDeadline(index: number, boundMs: number): number {
    const timer = this.#heap[index];
    if (timer === undefined || timer.dueMs >= boundMs) {
      return boundMs;
    }
    const deadline = Math.min(boundMs, timer.dueMs + timer.slackMs);
    return this.#earliestDeadline(2 * index + 2, this.#earliestDeadline(2 * index + 1, deadline));
  }

  /** Puts a timer where it belongs, above or below `index`. */
  #settle(timer: TimerEntry, index: number): void {
    const heap = this.#heap;
    let hole = index;
    while (hole > 0) {
      const above = (hole - 1) >> 1;
      const parent = heap[above] as TimerEntry;
      if (!isBefore(timer, parent)) {
        break;
      }
      this.#put(parent, hole);
      hole = above;
    }
    for (let below = 2 * hole + 1; below < heap.length; below = 2 * hole + 1) {
      let child = heap[below] as TimerEntry;
      const sibling = heap[below + 1];
      if (sibling !== undefined && isBefore(sibling, child)) {
        child = sibling;
      }
      if (!isBefore(child, timer)) {
        break;
      }
      const at = child.index;
      this.#put(child, hole);
      hole = at;
    }
    this.#put(timer, hole);
  }

  #put(timer: TimerEntry, index: number): void {
    this.#heap[index] = timer;
    timer.index = index;
  }
}

function isBefore(a: TimerEntry, b: TimerEntry): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
