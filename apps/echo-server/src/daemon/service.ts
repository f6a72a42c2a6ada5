/** Something that serves: in this thread, or in others. */
export interface Service {
  /** Rejected when it can serve no more. */
  readonly failure: Promise<never>;

  /**
   * Accepts no more, lets every client have what it is owed, and ends.
   *
   * @param deadlineMs - When it ends anyhow.
   * @returns How many clients were cut off.
   */
  drain(deadlineMs: number): Promise<number>;
}
