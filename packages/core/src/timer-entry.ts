import type { TimerRequest } from './arguments.js';
import { showAs } from './inspect.js';
import type { AbortSignalLike, TimerCallback } from './options.js';
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
  readonly label: string | undefined;
  readonly callback: TimerCallback;
  readonly delayMs: number;
  readonly slackMs: number;
  readonly isPeriodic: boolean;
  readonly group: TimerGroup | undefined;
  /** When it is due. It can be called up to `slackMs` later. */
  dueMs = 0;
  /** The order among timers that are due at the same time. */
  order = 0;
  /** Its place in the heap, or −1 if it is not pending. */
  index = -1;
  /** Stops listening to the signal. */
  detach: (() => void) | undefined;
  #isCancelled = false;
  readonly #signal: AbortSignalLike | undefined;
  readonly #owner: TimerOwner;

  constructor(owner: TimerOwner, request: TimerRequest, group: TimerGroup | undefined) {
    this.#owner = owner;
    this.label = request.label;
    this.callback = request.callback;
    this.delayMs = request.delayMs;
    this.slackMs = request.slackMs;
    this.isPeriodic = request.isPeriodic;
    this.#signal = request.signal;
    this.group = group;
  }

  get active(): boolean {
    return this.index >= 0;
  }

  /** @throws `signal.reason` if the signal is aborted. */
  start(): void {
    if (this.#signal !== undefined) {
      follow(this.#signal, this);
    }
    this.#owner.insert(this);
  }

  refresh(): void {
    if (this.active) {
      this.#owner.restart(this);
    } else if (!this.#isCancelled && !this.#signal?.aborted && !this.group?.closed) {
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
