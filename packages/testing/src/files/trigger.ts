import { EventSet } from '@em/core';
import type { FdTable } from '../fd-table.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';

class Trigger extends OpenFile {
  #events: EventSet = EventSet.EMPTY;

  override events(): EventSet {
    return this.#events;
  }

  override poll(): EventSet {
    const events = this.#events;
    this.#events = EventSet.EMPTY;
    return events;
  }

  fire(): void {
    this.#events = EventSet.PRIORITY;
    this.wakeUp(EventSet.EMPTY);
  }
}

/**
 * A file whose poll consumes the event that it reports, as a pressure trigger does. `PRIORITY` is reported once per
 * `fire()`, level-triggered or not. Several calls of `fire()` before a report count as one. As in the kernel, `add` and
 * `modify` also consume the event, unless the fd was added with ONE_SHOT.
 *
 * {@link FakeFd} says what every method throws.
 */
export class FakeTrigger extends FakeFd<Trigger> {
  static create(fds: FdTable): FakeTrigger {
    return new FakeTrigger(fds, new Trigger());
  }

  override dup(): FakeTrigger {
    return new FakeTrigger(this.fds, this.open());
  }

  /** Makes `PRIORITY` true until it is reported. */
  fire(): void {
    this.open().fire();
  }
}
