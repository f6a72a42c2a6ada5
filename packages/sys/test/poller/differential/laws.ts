import { type EventManager, EventSet, type Poller, type Registration } from '@em/core';

const ALWAYS_REPORTED = EventSet.ERROR | EventSet.HANG_UP;

/** What the laws need to know about a registration. */
export interface Subject {
  readonly name: string;
  readonly registration: Registration;
  /** The number of the last poll before it was added. */
  readonly addedAtPoll: number;
  /** Whether it may report. False for a ONE_SHOT that has reported. */
  armed: boolean;
}

/**
 * What holds for a manager in any world. If the same fault happens in both worlds, their logs agree, but a law is
 * broken.
 */
export class Laws {
  /** The breaches. */
  readonly violations: string[] = [];
  /** Passes on to the poller of the world, and counts its polls. */
  readonly poller: Poller;
  #manager: EventManager | undefined;
  #polls = 0;
  #entries = 0;
  /** The number of running callbacks, one inside the other. */
  #depth = 0;
  /** The number of calls per depth: how many callbacks were running then. */
  readonly #calls: number[] = [];

  constructor(poller: Poller) {
    this.poller = {
      add: (fd, events, generation) => poller.add(fd, events, generation),
      modify: (fd, events, generation) => poller.modify(fd, events, generation),
      delete: (fd) => poller.delete(fd),
      wait: (batch, timeoutMs) => {
        this.#beforePoll();
        const count = poller.wait(batch, timeoutMs);
        this.#entries += count;
        return count;
      },
      wake: () => poller.wake(),
      rebuild: (interests) => poller.rebuild?.(interests),
      close: () => poller.close(),
    };
  }

  get polls(): number {
    return this.#polls;
  }

  /** The number of callbacks called by waits at the current depth. */
  get callsHere(): number {
    return this.#calls[this.#depth] ?? 0;
  }

  watch(manager: EventManager): void {
    this.#manager = manager;
  }

  /** A callback begins. */
  entered(subject: Subject, events: EventSet): void {
    const { name, registration, addedAtPoll, armed } = subject;
    const unwanted = EventSet.difference(events, registration.events | ALWAYS_REPORTED);
    this.#demand(registration.active, `C9: ${name} is called after its end`);
    this.#demand(!registration.paused, `C7: ${name} is called while paused`);
    this.#demand(armed, `C7: ${name} has fired as a ONE_SHOT, and is called again before it is re-armed`);
    this.#demand(addedAtPoll < this.#polls, `C11: ${name} is called by the wait in which it was added`);
    this.#demand(events !== EventSet.EMPTY, `C10: ${name} is called with no event`);
    this.#demand(unwanted === EventSet.EMPTY, `C10: ${name} is called with ${EventSet.format(unwanted)}`);
    subject.armed = !EventSet.has(registration.events, EventSet.ONE_SHOT);
    this.#calls[this.#depth] = this.callsHere + 1;
    this.#depth++;
  }

  /** A callback ends, by a return or a throw. */
  left(): void {
    this.#depth--;
  }

  waited(returned: number, called: number): void {
    this.#demand(returned === called, `C14: wait returns ${returned} after ${called} calls`);
  }

  /** A step has thrown; `fd` is the one that it wanted to add. */
  refused(code: string, fd: number | undefined): void {
    if (code === 'ERR_EM_ALREADY_REGISTERED') {
      const isSo = fd !== undefined && this.#manager?.has(fd) === true;
      this.#demand(isSo, 'C6: a number that is not registered is refused as if it were');
    }
  }

  /** A step is done. */
  stepped(subjects: readonly Subject[]): void {
    const active = subjects.filter(({ registration }) => registration.active).length;
    const size = this.#manager?.size;
    this.#demand(size === active, `C4: size is ${size} with ${active} registrations active`);
  }

  /**
   * Everything ready has been delivered: compares the events of a registration with those of another one on the same
   * file.
   */
  settled({ name, registration }: Subject, heard: EventSet, ready: EventSet): void {
    // A ONE_SHOT may have been in the batch already, with earlier events.
    const isEnough = EventSet.has(registration.events, EventSet.ONE_SHOT) && heard !== EventSet.EMPTY;
    const missing = isEnough ? EventSet.EMPTY : EventSet.difference(ready, heard);
    this.#demand(missing === EventSet.EMPTY, `C12, C17: ${name} does not report ${EventSet.format(missing)}`);
  }

  /** Nothing has changed for some waits: no stale event may come any more. */
  quiet(): void {
    const { stale = 0, masked = 0 } = this.#manager?.lastWait ?? {};
    this.#demand(stale + masked === 0, `C9: ${stale} stale and ${masked} masked events go on coming`);
  }

  /** A poll overwrites the batch. By then, every entry must have been handled exactly once. */
  #beforePoll(): void {
    this.#polls++;
    // In a callback, the wait around it has not yet added its tally to the totals.
    if (this.#depth === 0 && this.#manager !== undefined) {
      const { dispatched, stale, masked } = this.#manager.stats;
      const done = dispatched + stale + masked;
      this.#demand(done === this.#entries, `C12, C13: ${done} of ${this.#entries} entries are dealt with at a poll`);
    }
  }

  #demand(isSo: boolean, otherwise: string): void {
    if (!isSo) {
      this.violations.push(otherwise);
    }
  }
}
