import type { EventSet, Interest } from '@em/core';

/** One call that changed the interest list, or was refused. */
export type FakeOp =
  | {
      readonly op: 'add' | 'modify';
      readonly fd: number;
      readonly events: EventSet;
      readonly generation: number;
      /** The code of the error that the call threw. Absent if the call succeeded. */
      readonly error?: string;
    }
  | { readonly op: 'delete'; readonly fd: number; readonly error?: string }
  | { readonly op: 'rebuild'; readonly interests: readonly Interest[]; readonly error?: string };

/** Records calls in their order. */
export class OpLog {
  readonly entries: FakeOp[] = [];

  /** Makes the call, and records it, with its error if it threw one. */
  record(op: FakeOp, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.entries.push({ ...op, error: (error as { code?: string }).code ?? String(error) });
      throw error;
    }
    this.entries.push(op);
  }

  clear(): void {
    this.entries.length = 0;
  }
}
