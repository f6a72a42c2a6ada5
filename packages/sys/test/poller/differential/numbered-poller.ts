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
 * An `EpollPoller` whose own fds keep out of the program's way: they are below all that it opens when the poller is
 * made, and so are those that the poller opens or gives up later. The fake has no fds of its own, and would not notice.
 */
export class NumberedPoller implements Poller {
  readonly #poller = new EpollPoller();
  /** A number for the epoll instance that `rebuild` makes. It gets that of the former instance then. */
  #spare: number = plug();
  /** In place of what the poller has closed. */
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

  /** Frees all numbers, closed or not. */
  dispose(): void {
    this.close();
    for (const fd of [this.#spare, ...this.#plugs]) {
      binding().close(fd);
    }
  }
}
