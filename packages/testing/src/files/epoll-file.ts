import { EventSet } from '@em/core';
import { OpenFile } from './open-file.js';

/** An instance that others can watch. */
export interface EpollInstance {
  /** Whether the next wait would return at once. */
  readonly isReady: boolean;
  /** The same, found out by polls of the files that it watches, which may consume their events. */
  pollFiles(): boolean;
  /** The instances that it watches. */
  watched(): EpollInstance[];
}

/**
 * What a poller is for another one that watches it: a file that is IN while the poller has something to report. Its poll
 * takes no event from the files of the poller, as with pollers on epoll.
 */
export class EpollFile extends OpenFile {
  readonly #epoll: () => EpollInstance;

  /** @param epoll - The instance at the time of the call: the poller replaces it in a rebuild. */
  constructor(epoll: () => EpollInstance) {
    super();
    this.#epoll = epoll;
  }

  get epoll(): EpollInstance {
    return this.#epoll();
  }

  override events(): EventSet {
    return this.epoll.isReady ? EventSet.IN : EventSet.EMPTY;
  }
}

/** The same as in a program on plain epoll: its poll polls the files that the instance watches. */
export class PlainEpollFile extends EpollFile {
  override poll(): EventSet {
    return this.epoll.pollFiles() ? EventSet.IN : EventSet.EMPTY;
  }
}
