import { EventSet } from '@em/core';
import type { OpenFile, Watcher } from './files/open-file.js';

const ALWAYS_REPORTED = EventSet.ERROR | EventSet.HANG_UP;
/** The bits that say how to report and not what: `EP_PRIVATE_BITS`, fs/eventpoll.c. */
const MODES = EventSet.WAKE_UP | EventSet.ONE_SHOT | EventSet.EDGE_TRIGGERED | EventSet.EXCLUSIVE;

/** What an item calls of the interest list that it is in. */
export interface ItemOwner {
  /** The item may be ready. The next wait asks its file. Returns whether this wakes a wait. */
  queue(item: InterestItem): boolean;
  /** The item has ended. */
  drop(item: InterestItem): void;
}

/**
 * Interest in a file under one fd. It belongs to the file and the number together: if the fd is closed while a duplicate is
 * open, the item stays, and reports the number with which it was added.
 */
export class InterestItem implements Watcher {
  readonly file: OpenFile;
  readonly fd: number;
  events: EventSet;
  generation: number;
  /** `false` once a ONE_SHOT has reported. */
  armed = true;
  readonly #owner: ItemOwner;
  /** Whether a change keeps the events: a poller on epoll watches what was added as a ONE_SHOT apart. */
  readonly #isApart: boolean;

  constructor(owner: ItemOwner, file: OpenFile, fd: number, events: EventSet, generation: number) {
    this.#owner = owner;
    this.file = file;
    this.fd = fd;
    this.events = events;
    this.generation = generation;
    this.#isApart = this.isOneShot;
  }

  get isExclusive(): boolean {
    return (this.events & EventSet.EXCLUSIVE) !== 0;
  }

  get isOneShot(): boolean {
    return (this.events & EventSet.ONE_SHOT) !== 0;
  }

  get isEdgeTriggered(): boolean {
    return (this.events & EventSet.EDGE_TRIGGERED) !== 0;
  }

  /** The events that are true of the file now, and asked for. The file does not consume them. */
  peek(): EventSet {
    return EventSet.intersection(this.file.events(), this.#wanted);
  }

  /** The same for a wait. The file may consume them. */
  poll(): EventSet {
    return EventSet.intersection(this.file.poll(), this.#wanted);
  }

  /** The same for an add or a modify, which polls the file, too: `ep_insert`, `ep_modify`. */
  pollOnChange(): EventSet {
    return this.#isApart ? this.peek() : this.poll();
  }

  /** Replaces the interest, and arms the item again. */
  change(events: EventSet, generation: number): void {
    this.events = events;
    this.generation = generation;
    this.armed = true;
  }

  wakeUp(events: EventSet): boolean {
    const concerns = this.armed && (events === EventSet.EMPTY || EventSet.intersects(events, this.#wanted));
    return concerns && this.#owner.queue(this) && this.isExclusive;
  }

  fileClosed(): void {
    this.#owner.drop(this);
  }

  get #wanted(): EventSet {
    return this.armed ? (this.events | ALWAYS_REPORTED) & ~MODES : EventSet.EMPTY;
  }
}
