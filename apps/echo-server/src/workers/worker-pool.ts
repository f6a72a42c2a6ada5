import type { EventManager, Timer } from '@em/core';
import { type Count, Counters, type Counts } from '../counters.js';
import type { Health, Service } from '../daemon/service.js';
import { SupervisedWorker, type SupervisorContext } from './supervised-worker.js';

/** A worker that does not answer is noticed after two to three times this time. */
const BEAT_MS = 3000;

/** A service in several threads. */
export class WorkerPool implements Service, Counts {
  readonly #counters: Counters;
  readonly #workers: readonly SupervisedWorker[];
  readonly #closeSockets: () => void;
  readonly #beat: Timer;

  private constructor(
    counters: Counters,
    workers: readonly SupervisedWorker[],
    manager: EventManager,
    closeSockets: () => void,
  ) {
    this.#counters = counters;
    this.#workers = workers;
    this.#closeSockets = closeSockets;
    this.#beat = manager.every(BEAT_MS, () => {
      for (const worker of workers) {
        worker.beat();
      }
    });
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
    return new WorkerPool(counters, workers, context.manager, closeSockets);
  }

  /** Returns the sum over all threads. */
  get(count: Count): number {
    return this.#workers.reduce((sum, { counters }) => sum + counters.get(count), this.#counters.get(count));
  }

  get health(): Health {
    const all = new Set(this.#workers.map(({ health }) => health));
    return (['stuck', 'degraded'] as const).find((health) => all.has(health)) ?? 'serving';
  }

  async drain(deadlineMs: number): Promise<void> {
    this.#beat.cancel();
    const drained = this.#workers.map((worker) => worker.drain(deadlineMs));
    this.#closeSockets();
    await Promise.all(drained);
  }
}
