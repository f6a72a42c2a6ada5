import { EventSet } from '@em/core';
import { checkInteger, outOfRange } from '@em/core/check';
import type { FdTable } from '../fd-table.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';

/** What can be true of a file; the other events say how to report it. */
const READINESS =
  EventSet.IN | EventSet.PRIORITY | EventSet.OUT | EventSet.ERROR | EventSet.HANG_UP | EventSet.READ_HANG_UP;

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
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `events` is not made of what a file can be.
   * @throws `EBADF` if this fd is closed.
   */
  set(events: EventSet): void {
    this.open('set').raise(checkReadiness(events));
  }

  /**
   * Makes these events, or all if none are given, false again.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `events` is not made of what a file can be.
   * @throws `EBADF` if this fd is closed.
   */
  clear(events: EventSet = READINESS): void {
    this.open('clear').lower(checkReadiness(events));
  }
}

function checkReadiness(events: EventSet): EventSet {
  if ((checkInteger('events', events, 0, 0xffff_ffff) & ~READINESS) !== 0) {
    throw outOfRange('events', `made of ${EventSet.format(READINESS)}`, EventSet.format(events));
  }
  return events;
}
