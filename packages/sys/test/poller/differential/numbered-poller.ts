import type { EventSet, Interest, Poller, ReadyBatch } from '@em/core';
import { binding } from '../../../src/addon/binding.js';
import { checked } from '../../../src/addon/system-error.js';
import { EpollPoller } from '../../../src/poller/epoll-poller.js';

const STDERR = 2;

/** Takes the lowest free number. */
export function plug(): number {
  return checked(binding().dup(STDERR), 'dup', STDERR);
}

/**
 * An `EpollPoller` whose own fds do not affect the numbers that the program gets. They are below the fds that the
 * program opens, and so are those that the poller opens or closes later. The fake has no fds of its own.
 */
export class NumberedPoller implements Poller {
  readonly #poller = new EpollPoller();
  /** A number for the epoll instance that `rebuild` makes. Afterwards, it holds the number of the former instance. */
  #spare: number = plug();
  /** Takes the numbers that the poller has closed. */
  #plugs: number[] = [];
  #closed = false;

  add(fd: number, events: EventSet, generation: number): void {
    this.#poller.add(fd, events, generation);
  }

  modify(fd: number, events: EventSet, generation: number): void {
    this.#poller.modify(fd, events, generation);
  }

  delete(fd: number): void {
    this.#poller.delete(fd);
  }

  wait(batch: ReadyBatch, timeoutMs: number): number {
    return this.#poller.wait(batch, timeoutMs);
  }

  wake(): void {
    this.#poller.wake();
  }

  rebuild(interests: readonly Interest[]): void {
    binding().close(this.#spare);
    try {
      this.#poller.rebuild(interests);
    } finally {
      this.#spare = plug();
    }
  }

  close(): void {
    this.#poller.close();
    if (!this.#closed) {
      this.#closed = true;
      this.#plugs = [plug(), plug()];
    }
  }

  /** Frees all numbers. */
  dispose(): void {
    this.close();
    for (const fd of [this.#spare, ...this.#plugs]) {
      binding().close(fd);
    }
  }
}
