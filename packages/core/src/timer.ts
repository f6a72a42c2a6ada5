/** What `after` and `every` of a manager return. */
export interface Timer {
  /** The name that was given to `after` or `every`. */
  readonly label: string | undefined;

  /** Whether it is pending. A timer of `after` is no longer pending when its callback runs. */
  readonly active: boolean;

  /**
   * Starts the time again, from now. If a timer of `after` was called already, this sets it again. It does nothing
   * once the timer is cancelled, its signal aborted, its group closed or the manager closed.
   */
  refresh(): void;

  /**
   * Ends the timer for good. The manager does not call its callback again, even if the timer is due already.
   *
   * @returns Whether it was pending.
   */
  cancel(): boolean;

  /** The same as {@link Timer.cancel}, for `using`. */
  [Symbol.dispose](): void;
}
