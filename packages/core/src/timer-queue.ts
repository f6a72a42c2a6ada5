import type { TimerRequest } from './arguments.js';
import { attempt } from './closing.js';
import { closed } from './errors.js';
import type { Observer } from './observer.js';
import type { Timer } from './timer.js';
import { TimerEntry, type TimerGroup, type TimerOwner } from './timer-entry.js';
import { TimerHeap } from './timer-heap.js';

/**
 * The pending timers. A wait calls what is due when the poller returns: this is a round. A timer that is set during a
 * round, also with a delay of 0, waits for the next one. So a round always ends.
 */
export class TimerQueue implements TimerOwner {
  /** Number of timers that are pending. */
  size = 0;
  /** Whether the poller waits at this moment. */
  isPolling = false;
  /** Called after the first timer was set, and after the last one has ended. */
  onResize: (() => void) | undefined;
  /** Called after a timer was set, with its deadline, and with `Infinity` after a timer was cancelled. */
  onChange: ((deadline: number) => void) | undefined;
  readonly #clock: () => number;
  readonly #observer: Observer | undefined;
  readonly #heap = new TimerHeap();
  /** What `nextDeadline` returns, or `NaN` if it must be computed again. */
  #nextDeadline = Number.POSITIVE_INFINITY;
  #lastOrder = 0;
  /** The deadline for which the wait was shortened. */
  #awaitedMs = Number.NEGATIVE_INFINITY;
  /** What is due by then belongs to the round, if it was set before the round. */
  #roundMs = Number.NEGATIVE_INFINITY;
  #roundOrder = 0;
  #isClosed = false;

  constructor(clock: () => number, observer?: Observer) {
    this.#clock = clock;
    this.#observer = observer;
  }

  /** When a timer has to be called at the latest. `Infinity` without timers. */
  get nextDeadline(): number {
    if (Number.isNaN(this.#nextDeadline)) {
      this.#nextDeadline = this.#heap.earliestDeadline();
    }
    return this.#nextDeadline;
  }

  /** How long it is until the next deadline. 0 if it has passed. */
  get remainingMs(): number {
    return Math.max(0, this.nextDeadline - this.#clock());
  }

  /** The next timer of the round. */
  get due(): TimerEntry | undefined {
    const { first } = this.#heap;
    return first !== undefined && first.dueMs <= this.#roundMs && first.order <= this.#roundOrder ? first : undefined;
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
    const callback = this.#observer?.onTimer?.(timer, request.callback);
    if (callback !== undefined) {
      timer.request = { ...request, callback };
    }
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
    const timer = this.due;
    if (timer?.request.isPeriodic) {
      this.#toNextPeriod(timer);
    } else if (timer !== undefined) {
      this.#heap.dropFirst();
      this.#end(timer);
      attempt(() => timer.detach?.(), []);
    }
    return timer;
  }

  insert(timer: TimerEntry): void {
    if (this.#isClosed) {
      timer.cancel();
      return;
    }
    timer.active = true;
    timer.group?.timers.add(timer);
    this.#schedule(timer, ++this.#lastOrder, this.#clock() + timer.request.delayMs);
    this.#heap.add(timer);
    if (++this.size === 1) {
      this.onResize?.();
    }
    this.onChange?.(timer.deadline);
  }

  restart(timer: TimerEntry): void {
    this.#schedule(timer, ++this.#lastOrder, this.#clock() + timer.request.delayMs);
    this.onChange?.(timer.deadline);
  }

  remove(timer: TimerEntry): void {
    if (timer.active) {
      this.#end(timer);
      this.#heap.shrink(this.size);
      this.onChange?.(Number.POSITIVE_INFINITY);
    }
  }

  /** Cancels every timer, for good. */
  close(failures: unknown[]): void {
    this.#isClosed = true;
    for (let { first } = this.#heap; first !== undefined; { first } = this.#heap) {
      const timer = first;
      attempt(() => timer.cancel(), failures);
    }
  }

  #end(timer: TimerEntry): void {
    timer.active = false;
    timer.group?.timers.delete(timer);
    this.#forget(timer.deadline);
    if (--this.size === 0) {
      this.onResize?.();
    }
  }

  /** Skips the periods that are over. The others stay where they are, however late this one is. */
  #toNextPeriod(timer: TimerEntry): void {
    const { dueMs } = timer;
    const { delayMs } = timer.request;
    const roundMs = this.#roundMs;
    const nextMs = dueMs + delayMs * (Math.floor((roundMs - dueMs) / delayMs) + 1);
    if (nextMs > roundMs && nextMs < Number.POSITIVE_INFINITY) {
      this.#schedule(timer, timer.order, nextMs);
    } else {
      // The period is shorter than the resolution of the clock.
      this.#schedule(timer, ++this.#lastOrder, roundMs);
    }
    this.#heap.moveFirst(timer);
  }

  #schedule(timer: TimerEntry, order: number, dueMs: number): void {
    this.#forget(timer.deadline);
    timer.order = order;
    timer.dueMs = dueMs;
    if (timer.deadline < this.#nextDeadline) {
      this.#nextDeadline = timer.deadline;
    }
  }

  #forget(deadline: number): void {
    if (deadline === this.#nextDeadline) {
      this.#nextDeadline = Number.NaN;
    }
  }
}
