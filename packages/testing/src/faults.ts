import type { ErrorCode } from './errors.js';

/** The calls that can be made to fail. */
export type FaultyOp = 'add' | 'modify' | 'delete' | 'wait' | 'rebuild';

/** The faults that a test has ordered. Each happens once, in the order of the calls. */
export class Faults {
  readonly #codes: Record<FaultyOp, ErrorCode[]> = { add: [], modify: [], delete: [], wait: [], rebuild: [] };
  readonly #limits: number[] = [];
  #interrupts = 0;

  fail(op: FaultyOp, code: ErrorCode): void {
    this.#codes[op].push(code);
  }

  interrupt(): void {
    this.#interrupts++;
  }

  limit(entryCount: number): void {
    this.#limits.push(entryCount);
  }

  takeFailure(op: FaultyOp): ErrorCode | undefined {
    return this.#codes[op].shift();
  }

  takeInterrupt(): boolean {
    if (this.#interrupts === 0) {
      return false;
    }
    this.#interrupts--;
    return true;
  }

  takeLimit(): number {
    return this.#limits.shift() ?? Number.POSITIVE_INFINITY;
  }
}
