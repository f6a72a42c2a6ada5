import type { TimerEntry } from './timer-entry.js';

/** How many cancelled timers can always stay, so that a heap of few timers is not rebuilt for each of them. */
const ROOM = 16;

/**
 * Timers in the order in which they are due, and otherwise in which they were set: a binary heap. It is lazy, so that
 * to cancel or refresh a timer costs next to nothing. Such a timer keeps its place until it comes first, or until more
 * than half of the timers in the heap are cancelled.
 */
export class TimerHeap {
  /** By `keyMs` and `keyOrder`, which are never behind `dueMs` and `order`. */
  readonly #timers: TimerEntry[] = [];

  /** The first timer that is pending. */
  get first(): TimerEntry | undefined {
    for (;;) {
      const first = this.#timers[0];
      if (first === undefined || (first.active && first.keyOrder === first.order)) {
        return first;
      }
      if (first.active) {
        this.moveFirst(first);
      } else {
        this.dropFirst();
      }
    }
  }

  add(timer: TimerEntry): void {
    const timers = this.#timers;
    timer.keyMs = timer.dueMs;
    timer.keyOrder = timer.order;
    let hole = timers.length;
    while (hole > 0) {
      const parent = timers[(hole - 1) >> 1] as TimerEntry;
      if (isBefore(parent, timer)) {
        break;
      }
      timers[hole] = parent;
      hole = (hole - 1) >> 1;
    }
    timers[hole] = timer;
  }

  /** Moves the first timer to where it belongs now. */
  moveFirst(first: TimerEntry): void {
    first.keyMs = first.dueMs;
    first.keyOrder = first.order;
    this.#sink(first, 0);
  }

  dropFirst(): void {
    const last = this.#timers.pop();
    if (last !== undefined && this.#timers.length > 0) {
      this.#sink(last, 0);
    }
  }

  /** Call it when a timer was cancelled, with the number of those that are left. */
  shrink(size: number): void {
    const timers = this.#timers;
    if (timers.length <= 2 * size + ROOM) {
      return;
    }
    let count = 0;
    for (const timer of timers) {
      if (timer.active) {
        timers[count++] = timer;
      }
    }
    timers.length = count;
    for (let index = count >> 1; index-- > 0; ) {
      this.#sink(timers[index] as TimerEntry, index);
    }
  }

  /**
   * The time by which a timer has to be called: it is due, and its slack is over. Looks only at timers that are due
   * before that, and so will be called together.
   */
  earliestDeadline(index: number = 0, bound: number = Number.POSITIVE_INFINITY): number {
    const timer = index === 0 ? this.first : this.#timers[index];
    if (timer === undefined || timer.keyMs >= bound) {
      return bound;
    }
    const deadline = timer.active ? Math.min(bound, timer.deadline) : bound;
    return this.earliestDeadline(2 * index + 2, this.earliestDeadline(2 * index + 1, deadline));
  }

  #sink(timer: TimerEntry, index: number): void {
    const timers = this.#timers;
    const { length } = timers;
    let hole = index;
    for (let below = 2 * hole + 1; below < length; below = 2 * hole + 1) {
      if (below + 1 < length && isBefore(timers[below + 1] as TimerEntry, timers[below] as TimerEntry)) {
        below++;
      }
      const child = timers[below] as TimerEntry;
      if (isBefore(timer, child)) {
        break;
      }
      timers[hole] = child;
      hole = below;
    }
    timers[hole] = timer;
  }
}

function isBefore(a: TimerEntry, b: TimerEntry): boolean {
  return a.keyMs < b.keyMs || (a.keyMs === b.keyMs && a.keyOrder < b.keyOrder);
}
