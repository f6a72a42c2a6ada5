interface Appointment {
  readonly atMs: number;
  readonly action: () => void;
}

/** Time that passes only during a wait. It starts at 0. */
export class Clock {
  readonly #appointments: Appointment[] = [];
  #nowMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** When the next action is due: `Infinity` if no action is planned. */
  get nextMs(): number {
    return this.#appointments[0]?.atMs ?? Number.POSITIVE_INFINITY;
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

  /** Moves to a time that is not before now. */
  advanceTo(timeMs: number): void {
    this.#nowMs = timeMs;
  }

  /** Runs what is due by now. */
  runDue(): void {
    while (this.nextMs <= this.#nowMs) {
      this.#appointments.shift()?.action();
    }
  }
}
