import { EventSet, type Poller, type ReadyBatch } from '@em/core';
import { type Channels, isChannel, readiness, rings, sleep, takeWake, wake } from './channels.ts';

/** Watches channels: level-triggered, and ONE_SHOT. */
export class ChannelPoller implements Poller {
  readonly #channels: Channels;
  readonly #watched = new Map<number, { wanted: EventSet; readonly once: boolean; readonly generation: number }>();

  constructor(channels: Channels) {
    this.#channels = channels;
  }

  add(fd: number, events: EventSet, generation: number): void {
    if (!isChannel(this.#channels, fd)) {
      throw Object.assign(new Error(`There is no channel ${fd}`), { code: 'EBADF' });
    }
    if (this.#watched.has(fd)) {
      throw Object.assign(new Error(`Channel ${fd} is watched already`), { code: 'EEXIST' });
    }
    this.#watch(fd, events, generation);
  }

  modify(fd: number, events: EventSet, generation: number): void {
    if (!this.#watched.has(fd)) {
      throw Object.assign(new Error(`Channel ${fd} is not watched`), { code: 'ENOENT' });
    }
    this.#watch(fd, events, generation);
  }

  delete(fd: number): void {
    this.#watched.delete(fd);
  }

  wait(batch: ReadyBatch, timeoutMs: number): number {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const ringsBefore = rings(this.#channels);
      const count = this.#collect(batch);
      const idle = takeWake(this.#channels) ? 'wake' : 'timeout';
      const remainingMs = deadlineMs - performance.now();
      if (count > 0 || idle === 'wake' || remainingMs <= 0) {
        batch.cause = count > 0 ? 'events' : idle;
        return count;
      }
      sleep(this.#channels, ringsBefore, remainingMs);
    }
  }

  wake(): void {
    wake(this.#channels);
  }

  close(): void {
    this.#watched.clear();
  }

  #watch(fd: number, events: EventSet, generation: number): void {
    const wanted = events | EventSet.ERROR | EventSet.HANG_UP;
    this.#watched.set(fd, { wanted, once: (events & EventSet.ONE_SHOT) !== 0, generation });
  }

  #collect(batch: ReadyBatch): number {
    let count = 0;
    for (const [fd, watch] of [...this.#watched]) {
      const events = readiness(this.#channels, fd) & watch.wanted;
      if (events !== EventSet.EMPTY && count < batch.capacity) {
        batch.set(count++, fd, events, watch.generation);
        watch.wanted = watch.once ? EventSet.EMPTY : watch.wanted;
        // To the end of the queue, so that every channel gets its turn even if the batch is small.
        this.#watched.delete(fd);
        this.#watched.set(fd, watch);
      }
    }
    return count;
  }
}
