import type { ExitStatus } from '@em/sys';

/** How the child of a pty ended, once it has exited and its output has come to an end. */
export class Outcome {
  readonly promise: Promise<ExitStatus>;
  #exit: ExitStatus | undefined;
  #isAtEnd = false;
  #resolve!: (status: ExitStatus) => void;
  #reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Users who do not wait for it need not handle its rejection.
    this.promise.catch(() => undefined);
  }

  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  exited(status: ExitStatus): void {
    this.#exit = status;
    this.#settle();
  }

  ended(): void {
    this.#isAtEnd = true;
    this.#settle();
  }

  failed(error: unknown): void {
    this.#reject(error);
  }

  #settle(): void {
    if (this.#isAtEnd && this.#exit !== undefined) {
      this.#resolve(this.#exit);
    }
  }
}
