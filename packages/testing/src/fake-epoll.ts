import { EventSet, type ReadyBatch } from '@em/core';
import { describe, systemError } from './errors.js';
import type { FdTable } from './fd-table.js';
import { EpollFile, type EpollInstance } from './files/epoll-file.js';
import type { OpenFile } from './files/open-file.js';
import { InterestItem, type ItemOwner } from './interest-item.js';
import type { FakeInterest } from './interest-view.js';
import { assertNestable } from './nesting.js';

/** `EPOLLEXCLUSIVE_OK_BITS`, fs/eventpoll.c. */
const BESIDE_EXCLUSIVE =
  EventSet.IN |
  EventSet.OUT |
  EventSet.ERROR |
  EventSet.HANG_UP |
  EventSet.WAKE_UP |
  EventSet.EDGE_TRIGGERED |
  EventSet.EXCLUSIVE;
const IN_EDGE_TRIGGERED = EventSet.union(EventSet.IN, EventSet.EDGE_TRIGGERED);

/** What one pass over the queue found. */
interface Collected {
  /** The number of entries that it filled. */
  readonly count: number;
  /** Whether the wake file was ready. */
  readonly isWoken: boolean;
}

/**
 * An epoll instance: the interest list, and the queue of the items that may be ready.
 *
 * ```text
 *   file changes ──► wakeUp ──► queue ──► collect ──► batch
 *   add, modify ──────────────► ▲            │ level-triggered
 *                               └────────────┘
 * ```
 *
 * An item in the queue only may be ready. `collect` asks its file for the events.
 */
export class FakeEpoll implements ItemOwner, EpollInstance {
  readonly #fds: FdTable;
  readonly #items = new Map<OpenFile, Map<number, InterestItem>>();
  /** In the order in which they were queued. */
  readonly #queue = new Set<InterestItem>();
  /** Watches the file that wakes a wait. It takes its turn as the other items do, but belongs to no registration. */
  readonly #waker: InterestItem;
  readonly #onQueued: () => void;
  readonly #all: Set<EpollInstance>;
  /** Whether a wait sleeps: it is what an EXCLUSIVE interest wakes. */
  isAwaited = false;

  /**
   * @param all - The instances of the kernel, this one among them until it is closed.
   * @param onQueued - Called when an item may have become ready.
   */
  constructor(fds: FdTable, all: Set<EpollInstance>, wakeFile: OpenFile, onQueued: () => void) {
    this.#fds = fds;
    this.#all = all;
    all.add(this);
    this.#onQueued = onQueued;
    this.#waker = new InterestItem(this, wakeFile, -1, IN_EDGE_TRIGGERED, 0);
    wakeFile.watch(this.#waker);
    this.#queueIfReady(this.#waker);
  }

  add(fd: number, events: EventSet, generation: number): void {
    const file = this.#pollable(fd);
    if ((events & EventSet.EXCLUSIVE) !== 0 && (events & ~BESIDE_EXCLUSIVE) !== 0) {
      throw systemError('EINVAL', 'epoll_ctl', fd);
    }
    if (file instanceof EpollFile) {
      this.#assertNestable(file, events, fd);
    }
    let itemsOfFile = this.#items.get(file);
    if (itemsOfFile?.has(fd)) {
      throw systemError('EEXIST', 'epoll_ctl', fd);
    }
    if (itemsOfFile === undefined) {
      itemsOfFile = new Map();
      this.#items.set(file, itemsOfFile);
    }
    const item = new InterestItem(this, file, fd, events, generation);
    itemsOfFile.set(fd, item);
    file.watch(item);
    this.#queueIfReady(item);
  }

  modify(fd: number, events: EventSet, generation: number): void {
    const file = this.#pollable(fd);
    if ((events & EventSet.EXCLUSIVE) !== 0) {
      throw systemError('EINVAL', 'epoll_ctl', fd);
    }
    const item = this.#find(file, fd);
    if (item.isExclusive) {
      throw systemError('EINVAL', 'epoll_ctl', fd);
    }
    item.change(events, generation);
    this.#queueIfReady(item);
  }

  delete(fd: number): void {
    const item = this.#find(this.#pollable(fd), fd);
    item.file.unwatch(item);
    this.drop(item);
  }

  /** Whether `fd` is watched, and still stands for the file that was added. */
  has(fd: number): boolean {
    const file = this.#fds.find(fd);
    return file !== undefined && this.#items.get(file)?.has(fd) === true;
  }

  /** Fills the batch with the items that are ready. The wake file counts towards the limit, but fills no entry. */
  collect(batch: ReadyBatch, limit: number): Collected {
    let count = 0;
    let isWoken = false;
    let unasked = this.#queue.size;
    for (const item of this.#queue) {
      if (count + Number(isWoken) === limit || unasked === 0) {
        break;
      }
      unasked--;
      this.#queue.delete(item);
      const ready = item.poll();
      if (ready === EventSet.EMPTY) {
        continue;
      }
      if (item === this.#waker) {
        isWoken = true;
        continue;
      }
      batch.set(count++, item.fd, ready, item.generation);
      if (item.isOneShot) {
        item.armed = false;
      } else if (!item.isEdgeTriggered) {
        // At the tail, so that the next wait begins with the items that found no room in this one.
        this.#queue.add(item);
      }
    }
    return { count, isWoken };
  }

  /** The instances that this one watches. */
  watched(): EpollInstance[] {
    return [...this.#items.keys()].flatMap((file) => (file instanceof EpollFile ? [file.epoll] : []));
  }

  close(): void {
    this.#all.delete(this);
    this.#waker.file.unwatch(this.#waker);
    for (const item of this.items()) {
      item.file.unwatch(item);
    }
    this.#items.clear();
    this.#queue.clear();
  }

  /** Whether the next wait would return at once. Unlike a wait, it takes nothing. */
  get isReady(): boolean {
    for (const item of this.#queue) {
      if (item.peek() !== EventSet.EMPTY) {
        return true;
      }
    }
    return false;
  }

  /** Leaves in the queue what it has not asked: it ends with the first file that is ready. As `__ep_eventpoll_poll` does. */
  pollFiles(): boolean {
    for (const item of this.#queue) {
      if (item.poll() !== EventSet.EMPTY) {
        return true;
      }
      this.#queue.delete(item);
    }
    return false;
  }

  /** The reasons for which the next wait would return at once, in words. */
  ready(): string[] {
    return [...this.#queue]
      .filter((item) => item.peek() !== EventSet.EMPTY)
      .map((item) => (item === this.#waker ? 'a wake' : describe(item)));
  }

  *items(): Generator<InterestItem, void, undefined> {
    for (const itemsOfFile of this.#items.values()) {
      yield* itemsOfFile.values();
    }
  }

  /** The interest list, in the order of `items`. */
  interests(): FakeInterest[] {
    return Array.from(this.items(), (item) => this.#view(item));
  }

  /** What is in the queue, the next to be asked first. The wake file is no interest. */
  readyList(): FakeInterest[] {
    return Array.from(this.#queue)
      .filter((item) => item !== this.#waker)
      .map((item) => this.#view(item));
  }

  queue(item: InterestItem): boolean {
    const wakes = this.isAwaited;
    this.isAwaited = false;
    this.#queue.add(item);
    this.#onQueued();
    return wakes;
  }

  drop(item: InterestItem): void {
    const itemsOfFile = this.#items.get(item.file);
    itemsOfFile?.delete(item.fd);
    if (itemsOfFile?.size === 0) {
      this.#items.delete(item.file);
    }
    this.#queue.delete(item);
  }

  #view(item: InterestItem): FakeInterest {
    const { fd, events, generation, armed } = item;
    return {
      fd,
      events,
      generation,
      armed,
      pending: item.peek(),
      isQueued: this.#queue.has(item),
      isReachable: this.#fds.find(fd) === item.file,
    };
  }

  #assertNestable({ epoll }: EpollFile, events: EventSet, fd: number): void {
    if (epoll === this || (events & EventSet.EXCLUSIVE) !== 0) {
      throw systemError('EINVAL', 'epoll_ctl', fd);
    }
    assertNestable(this, epoll, this.#all, fd);
  }

  #queueIfReady(item: InterestItem): void {
    if (item.pollOnChange() !== EventSet.EMPTY) {
      this.queue(item);
    }
  }

  #pollable(fd: number): OpenFile {
    const file = this.#fds.find(fd);
    if (file === undefined) {
      const error = systemError('EBADF', 'epoll_ctl', fd);
      error.message += `: no file of the FakePoller has the number ${fd}, and it cannot watch a real one`;
      throw error;
    }
    if (!file.pollable) {
      throw systemError('EPERM', 'epoll_ctl', fd);
    }
    return file;
  }

  #find(file: OpenFile, fd: number): InterestItem {
    const item = this.#items.get(file)?.get(fd);
    if (item === undefined) {
      throw systemError('ENOENT', 'epoll_ctl', fd);
    }
    return item;
  }
}
