/** Something that serves: in this thread, or in others. */
export interface Service {
  /** Rejected when it can serve no more. */
  readonly failure: Promise<never>;

  /** Whether all of it still answers, as far as was heard since the last time it was asked. */
  isResponsive(): boolean;

  /**
   * Accepts no more, lets every client have what it is owed, and ends.
   *
   * @param deadlineMs - When it ends anyhow.
   */
  drain(deadlineMs: number): Promise<void>;
}
