import { EventSet } from '@em/core';
import { checkInteger, outOfRange } from '@em/core/check';
import type { FdTable } from '../fd-table.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';

/** The events that can be true of a file. The other bits say how to report them. */
const ALL_EVENTS =
  EventSet.IN | EventSet.PRIORITY | EventSet.OUT | EventSet.ERROR | EventSet.HANG_UP | EventSet.READ_HANG_UP;

class Signal extends OpenFile {
  #events: EventSet = EventSet.EMPTY;

  override events(): EventSet {
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

/**
 * A file whose events the test sets: for example a device, or a socket in a rare state.
 *
 * {@link FakeFd} says what every method throws.
 */
export class FakeDevice extends FakeFd<Signal> {
  static create(fds: FdTable): FakeDevice {
    return new FakeDevice(fds, new Signal());
  }

  override dup(): FakeDevice {
    return new FakeDevice(this.fds, this.open());
  }

  /**
   * Makes these events true, and leaves the others. It is an edge even for events that were true before.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `events` has bits that cannot be true of a
   * file.
   */
  set(events: EventSet): void {
    this.open().raise(checkEvents(events));
  }

  /**
   * Makes these events false.
   *
   * @param events - Defaults to all events.
   * @throws The same as {@link FakeDevice.set}.
   */
  clear(events: EventSet = ALL_EVENTS): void {
    this.open().lower(checkEvents(events));
  }
}

function checkEvents(events: EventSet): EventSet {
  if ((checkInteger('events', events, 0, 0xffff_ffff) & ~ALL_EVENTS) !== 0) {
    throw outOfRange('events', `made of ${EventSet.format(ALL_EVENTS)}`, EventSet.format(events));
  }
  return events;
}
