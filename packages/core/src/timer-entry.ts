import type { TimerRequest } from './arguments.js';
import { showAs } from './inspect.js';
import { follow } from './signal.js';
import type { Timer } from './timer.js';

/** The group of a timer. */
export interface TimerGroup {
  readonly closed: boolean;
  /** Those that are pending. */
  readonly timers: Set<Timer>;
}

/** What the methods of a timer ask of the queue. */
export interface TimerOwner {
  insert(timer: TimerEntry): void;
  restart(timer: TimerEntry): void;
  remove(timer: TimerEntry): void;
}

/** A timer as the queue keeps it. */
export class TimerEntry implements Timer {
  /** Replaced by an observer, before the timer is set. */
  request: TimerRequest;
  readonly group: TimerGroup | undefined;
  active = false;
  /** When it is due. It can be called up to `slackMs` later. */
  dueMs = 0;
  /** The order among timers that are due at the same time. */
  order = 0;
  /** By these two, the heap has found its place. They lag behind. */
  keyMs = 0;
  keyOrder = 0;
  /** Stops listening to the signal. */
  detach: (() => void) | undefined;
  #isCancelled = false;
  readonly #owner: TimerOwner;

  constructor(owner: TimerOwner, request: TimerRequest, group: TimerGroup | undefined) {
    this.#owner = owner;
    this.request = request;
    this.group = group;
  }

  get label(): string | undefined {
    return this.request.label;
  }

  get deadline(): number {
    return this.dueMs + this.request.slackMs;
  }

  /** @throws `signal.reason` if the signal is aborted. */
  start(): void {
    const { signal } = this.request;
    if (signal !== undefined) {
      this.detach = follow(signal, () => this.cancel());
    }
    this.#owner.insert(this);
  }

  refresh(): void {
    if (this.active) {
      this.#owner.restart(this);
    } else if (!this.#isCancelled && !this.request.signal?.aborted && !this.group?.closed) {
      this.start();
    }
  }

  cancel(): boolean {
    const { active } = this;
    this.#isCancelled = true;
    this.#owner.remove(this);
    this.detach?.();
    return active;
  }

  [Symbol.dispose](): void {
    this.cancel();
  }
}

// Timer { label: 'idle', active: true }
showAs(TimerEntry, ({ label, active }, inspect) => `Timer ${inspect({ label, active })}`);
