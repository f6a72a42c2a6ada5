import { type Count, Counters, type Counts } from '../counters.js';
import type { Service } from '../daemon/service.js';
import { SupervisedWorker, type SupervisorContext } from './supervised-worker.js';

/** A service in several threads. */
export class WorkerPool implements Service, Counts {
  /** Never rejected: failed workers are replaced. */
  readonly failure: Promise<never> = new Promise(() => undefined);
  readonly #counters: Counters;
  readonly #workers: readonly SupervisedWorker[];
  readonly #closeSockets: () => void;

  private constructor(counters: Counters, workers: readonly SupervisedWorker[], closeSockets: () => void) {
    this.#counters = counters;
    this.#workers = workers;
    this.#closeSockets = closeSockets;
  }

  /**
   * Starts this number of workers, and waits until all of them serve.
   *
   * @param closeSockets - Closes the sockets of this thread, which the workers have duplicates of.
   * @throws (as a rejection) StartError with `ExitCode.FAILED` if a worker does not start. The others are ended then.
   */
  static async start(
    count: number,
    context: Omit<SupervisorContext, 'counters'>,
    closeSockets: () => void,
  ): Promise<WorkerPool> {
    const counters = new Counters();
    const workers = Array.from({ length: count }, (_, i) => new SupervisedWorker(i, { ...context, counters }));
    try {
      await Promise.all(workers.map((worker) => worker.start()));
    } catch (error) {
      for (const worker of workers) {
        worker.terminate();
      }
      throw error;
    }
    return new WorkerPool(counters, workers, closeSockets);
  }

  /** Returns the sum over all threads. */
  get(count: Count): number {
    return this.#workers.reduce((sum, { counters }) => sum + counters.get(count), this.#counters.get(count));
  }

  isResponsive(): boolean {
    // map() pings every worker; every() alone would stop at the first that does not answer.
    return this.#workers.map((worker) => worker.isResponsive()).every(Boolean);
  }

  async drain(deadlineMs: number): Promise<void> {
    const drained = this.#workers.map((worker) => worker.drain(deadlineMs));
    this.#closeSockets();
    await Promise.all(drained);
  }
}
