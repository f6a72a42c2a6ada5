import { EventSet } from '../src/event-set.js';
import type { Poller } from '../src/poller.js';
import type { ReadyBatch } from '../src/ready-batch.js';

const ALWAYS_REPORTED = EventSet.ERROR | EventSet.HANG_UP;

/** A whole poller over a list: level-triggered, ONE_SHOT too; its fds are plain numbers that the test makes ready. */
export class ListPoller implements Poller {
  readonly #watched = new Map<number, { events: EventSet; generation: number; armed: boolean }>();
  readonly #readiness = new Map<number, EventSet>();
  #woken = false;

  /** Makes an fd ready for `events`, and for no others, until the next call. */
  ready(fd: number, events: EventSet): void {
    this.#readiness.delete(fd);
    if (events !== EventSet.EMPTY) {
      this.#readiness.set(fd, events);
    }
  }

  add(fd: number, events: EventSet, generation: number): void {
    if (this.#watched.has(fd)) {
      throw Object.assign(new Error(`fd ${fd} is watched already`), { code: 'EEXIST' });
    }
    this.#watched.set(fd, { events, generation, armed: true });
  }

  modify(fd: number, events: EventSet, generation: number): void {
    if (!this.#watched.has(fd)) {
      throw Object.assign(new Error(`fd ${fd} is not watched`), { code: 'ENOENT' });
    }
    this.#watched.set(fd, { events, generation, armed: true });
  }

  delete(fd: number): void {
    this.#watched.delete(fd);
  }

  wait(batch: ReadyBatch, timeoutMs: number): number {
    let count = 0;
    for (const [fd, watch] of [...this.#watched]) {
      const events = (this.#readiness.get(fd) ?? 0) & (watch.events | ALWAYS_REPORTED);
      if (events !== 0 && watch.armed && count < batch.capacity) {
        batch.set(count++, fd, events, watch.generation);
        watch.armed = (watch.events & EventSet.ONE_SHOT) === 0;
        // To the end of the queue, so that a small batch reaches every fd.
        this.#watched.delete(fd);
        this.#watched.set(fd, watch);
      }
    }
    const idle = this.#woken ? 'wake' : 'timeout';
    if (count === 0 && idle === 'timeout' && timeoutMs === Number.POSITIVE_INFINITY) {
      throw new Error('Nothing is ready, and nothing could ever become so');
    }
    batch.cause = count > 0 ? 'events' : idle;
    this.#woken = false;
    return count;
  }

  wake(): void {
    this.#woken = true;
  }

  close(): void {
    this.#watched.clear();
  }
}
