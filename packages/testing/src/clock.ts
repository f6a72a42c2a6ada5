import { notDriven, spinning } from './errors.js';
import { nextTurn } from './host-turn.js';

interface Appointment {
  readonly atMs: number;
  readonly action: () => void;
}

/** What waits in the host loop for the clock, and for files. */
export interface Attached {
  /** When it has to be notified. */
  readonly alarmMs: number;
  /** Whether it has something to do at this moment. */
  readonly isReady: boolean;
  /** What it has to do, in words. */
  readonly reasons: readonly string[];
  notify(): void;
}

/** More turns at one time than any program needs that makes progress. */
const MAX_TURNS = 10_000;

/** Time that passes only during a wait, or in {@link Clock.advanceTo}. It starts at 0. */
export class Clock {
  readonly #appointments: Appointment[] = [];
  readonly #attached = new Set<Attached>();
  #nowMs = 0;
  #wasAttached = false;
  #advances = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** When the next action is due: `Infinity` if no action is planned. */
  get nextMs(): number {
    return this.#appointments[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Whether `advanceTo` has actions to run. As in a wait, all actions of a time come before what they make ready. */
  get isActing(): boolean {
    return this.#advances > 0 && this.nextMs <= this.#nowMs;
  }

  /**
   * Plans an action. Actions due at the same time run in the order in which they were planned.
   *
   * @returns A function that cancels it. It does nothing once the action has run.
   */
  after(delayMs: number, action: () => void): () => void {
    const appointment = { atMs: this.#nowMs + delayMs, action };
    const later = this.#appointments.findIndex(({ atMs }) => atMs > appointment.atMs);
    this.#appointments.splice(later === -1 ? this.#appointments.length : later, 0, appointment);
    return () => {
      const index = this.#appointments.indexOf(appointment);
      if (index >= 0) {
        this.#appointments.splice(index, 1);
      }
    };
  }

  attach(attached: Attached): void {
    this.#attached.add(attached);
    this.#wasAttached = true;
  }

  detach(attached: Attached): void {
    this.#attached.delete(attached);
  }

  isAttached(attached: Attached): boolean {
    return this.#attached.has(attached);
  }

  /** Moves to a time, unless it is past. */
  moveTo(timeMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, timeMs);
    for (const attached of this.#attached) {
      if (attached.alarmMs <= this.#nowMs) {
        attached.notify();
      }
    }
  }

  /** Runs what is due by now. */
  runDue(): void {
    while (this.nextMs <= this.#nowMs) {
      this.#appointments.shift()?.action();
    }
  }

  /**
   * Moves to a time, and stops at each time at which something is due. There it runs the actions, then lets what is
   * attached serve what is ready, one batch per turn of the host loop. So promises settle after each action and each batch.
   *
   * @throws What an action throws.
   */
  async advanceTo(timeMs: number): Promise<void> {
    this.#advances++;
    try {
      // The code under test may be about to call run().
      await nextTurn();
      if (!this.#wasAttached) {
        throw notDriven();
      }
      await this.#settle();
      for (let stopMs = this.#nextStopMs; stopMs <= timeMs; stopMs = this.#nextStopMs) {
        this.moveTo(stopMs);
        await this.#settle();
      }
      this.moveTo(timeMs);
    } finally {
      this.#advances--;
    }
  }

  /** Serves what is due and ready now, until there is nothing. */
  async #settle(): Promise<void> {
    for (let turns = 0; this.isActing || this.#isReady; turns++) {
      if (turns === MAX_TURNS) {
        throw spinning(this.#nowMs, turns, this.#reasons);
      }
      if (this.isActing) {
        this.#appointments.shift()?.action();
      }
      await nextTurn();
    }
  }

  get #isReady(): boolean {
    return [...this.#attached].some(({ isReady }) => isReady);
  }

  get #nextStopMs(): number {
    return Math.min(this.nextMs, ...Array.from(this.#attached, ({ alarmMs }) => alarmMs));
  }

  get #reasons(): readonly string[] {
    return this.isActing ? ['another action of after()'] : Array.from(this.#attached, ({ reasons }) => reasons).flat();
  }
}
