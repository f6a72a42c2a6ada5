// Offers what the README of npm's epoll describes.

import { EventManager, EventSet } from '@em/sys';

export class Epoll {
  static EPOLLIN = EventSet.IN;
  static EPOLLOUT = EventSet.OUT;
  static EPOLLRDHUP = EventSet.READ_HANG_UP;
  static EPOLLPRI = EventSet.PRIORITY;
  static EPOLLERR = EventSet.ERROR;
  static EPOLLHUP = EventSet.HANG_UP;
  static EPOLLET = EventSet.EDGE_TRIGGERED;
  static EPOLLONESHOT = EventSet.ONE_SHOT;

  // A callback that throws causes an uncaught exception. The other callbacks are called as before.
  #manager = new EventManager({ onError: (error) => void Promise.reject(error) });
  #callback;

  /** @param {(error: Error | null, fd: number, events: number) => void} callback */
  constructor(callback) {
    this.#callback = callback;
    this.#manager.run();
  }

  get closed() {
    return this.#manager.closed;
  }

  /** @type {(fd: number, events: number) => this} */
  add(fd, events) {
    this.#manager.add(fd, events, (ready) => this.#callback(null, fd, ready));
    return this;
  }

  /** @type {(fd: number, events: number) => this} */
  modify(fd, events) {
    this.#manager.modify(fd, events);
    return this;
  }

  /** @type {(fd: number) => this} */
  remove(fd) {
    if (!this.#manager.delete(fd)) {
      throw new Error(`Cannot remove fd ${fd}: it was not added`);
    }
    return this;
  }

  close() {
    this.#manager.close();
  }
}
