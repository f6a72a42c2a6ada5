import { EventSet } from '@em/core';
import type { FdTable } from '../fd-table.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';

class Signal extends OpenFile {
  #events: EventSet = EventSet.EMPTY;

  override readiness(): EventSet {
    return this.#events;
  }

  raise(events: EventSet): void {
    this.#events = EventSet.union(this.#events, events);
    this.wakeUp(events);
  }

  lower(events: EventSet): void {
    this.#events = EventSet.difference(this.#events, events);
  }
}

/** A file of no particular kind: a device, a socket in a rare state. It is as ready as the test says. */
export class FakeSource extends FakeFd<Signal> {
  static create(fds: FdTable): FakeSource {
    return new FakeSource(fds, new Signal());
  }

  override dup(): FakeSource {
    return new FakeSource(this.fds, this.open('dup'));
  }

  /**
   * Makes these events true, beside those that are. It is an edge even for those that were true before.
   *
   * @throws `EBADF` if this fd is closed.
   */
  set(events: EventSet): void {
    this.open('set').raise(EventSet.validate(events));
  }

  /**
   * Makes these events, or all if none are given, false again.
   *
   * @throws `EBADF` if this fd is closed.
   */
  clear(events: EventSet = EventSet.ALL): void {
    this.open('clear').lower(EventSet.validate(events));
  }
}
