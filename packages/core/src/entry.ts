import type { AddRequest } from './arguments.js';
import { EventSet } from './event-set.js';
import type { FdLike } from './fd-object.js';
import { showAs } from './inspect.js';
import type { EventCallback } from './options.js';
import type { Registration } from './registration.js';

const ALWAYS_REPORTED = EventSet.ERROR | EventSet.HANG_UP;
const REPORTABLE = EventSet.IN | EventSet.PRIORITY | EventSet.OUT | ALWAYS_REPORTED | EventSet.READ_HANG_UP;

/** What an entry is made of. */
export interface EntryRequest extends AddRequest {
  /** The members of the group it is added through. */
  readonly group?: Set<Registration> | undefined;
  /** Tells who waits for it by promises that it has ended. */
  readonly onEnd?: (() => void) | undefined;
}

/** What an entry asks of whoever keeps it: to do what its user asks of it. */
export interface EntryOwner {
  modify(entry: Entry, events: EventSet, action: 'modify' | 'rearm'): void;
  pause(entry: Entry): void;
  resume(entry: Entry): void;
  delete(entry: Entry): boolean;
}

/**
 * A registration as the registry keeps it, and as dispatch reads it: `generation`, `deliverable` and `callback` are all
 * that an event needs.
 */
export class Entry implements Registration {
  readonly fd: number;
  readonly label: string | undefined;
  readonly callback: EventCallback;
  /** Held as long as it is registered. */
  target: FdLike | undefined;
  closeTarget: (() => void) | undefined;
  group: Set<Registration> | undefined;
  onEnd: (() => void) | undefined;
  /** Stops listening for the abort of the signal. */
  detach: (() => void) | undefined;
  generation = 0;
  active = false;
  /** The events that may reach the callback: none while paused. */
  deliverable = 0;
  oneShot = false;
  /** Whether it is ONE_SHOT and has reported since it was last armed. */
  fired = false;
  /** Whether the poller does not have it: while paused, or fired and not to be heard of until it is re-armed. */
  parked = false;
  readonly #owner: EntryOwner;
  #events: EventSet = 0;
  #paused = false;

  constructor(owner: EntryOwner, request: EntryRequest) {
    this.#owner = owner;
    this.fd = request.fd;
    this.events = request.events;
    this.callback = request.callback;
    this.label = request.label;
    this.target = request.target;
    this.closeTarget = request.closeTarget;
    this.group = request.group;
    this.onEnd = request.onEnd;
  }

  get events(): EventSet {
    return this.#events;
  }

  set events(events: EventSet) {
    this.#events = events;
    this.#refresh();
  }

  get paused(): boolean {
    return this.#paused;
  }

  set paused(paused: boolean) {
    this.#paused = paused;
    this.#refresh();
  }

  modify(events: EventSet): void {
    this.#owner.modify(this, events, 'modify');
  }

  enable(events: EventSet): void {
    this.#owner.modify(this, this.#events | EventSet.validate(events), 'modify');
  }

  disable(events: EventSet): void {
    this.#owner.modify(this, this.#events & ~EventSet.validate(events), 'modify');
  }

  pause(): void {
    this.#owner.pause(this);
  }

  resume(): void {
    this.#owner.resume(this);
  }

  rearm(): void {
    this.#owner.modify(this, this.#events, 'rearm');
  }

  delete(): boolean {
    return this.#owner.delete(this);
  }

  [Symbol.dispose](): void {
    this.delete();
  }

  #refresh(): void {
    this.deliverable = this.#paused ? 0 : (this.#events | ALWAYS_REPORTED) & REPORTABLE;
    this.oneShot = (this.#events & EventSet.ONE_SHOT) !== 0;
  }
}

// Registration { fd: 7, events: IN, label: 'door bell', paused }
showAs(Entry, ({ fd, events, label, active, paused }) => {
  const parts = [`fd: ${fd}`, `events: ${EventSet.format(events)}`];
  if (label !== undefined) {
    parts.push(`label: '${label}'`);
  }
  if (!active) {
    parts.push('ended');
  } else if (paused) {
    parts.push('paused');
  }
  return `Registration { ${parts.join(', ')} }`;
});
