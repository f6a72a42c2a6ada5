import { EventSet } from './event-set.js';
import { showAs } from './inspect.js';
import type { EventCallback, Registration } from './registration.js';

const ALWAYS_REPORTED = EventSet.ERROR | EventSet.HANG_UP;
const REPORTABLE = EventSet.IN | EventSet.PRIORITY | EventSet.OUT | ALWAYS_REPORTED | EventSet.READ_HANG_UP;

/** How a registration ends: what is still to be undone. */
export interface Attachments {
  /** Stops listening for the abort of the signal it was added with. */
  readonly detach: (() => void) | undefined;
  /** Closes the source it was given to own. */
  readonly closeSource: (() => void) | undefined;
  /** The members of the group it was added through. */
  readonly group: Set<Registration> | undefined;
  /** Tells who waits for it by promises. */
  readonly onEnd: (() => void) | undefined;
}

/** What an entry asks of whoever keeps it: to do what its user asks of it. */
export interface Keeper<T> {
  modify(entry: Entry<T>, events: EventSet, action: 'modify' | 'rearm'): void;
  pause(entry: Entry<T>): void;
  resume(entry: Entry<T>): void;
  delete(entry: Entry<T>): boolean;
}

/**
 * A registration as the registry keeps it, and as dispatch reads it: `generation`, `deliverable` and `callback` are all
 * that an event needs.
 */
export class Entry<T> implements Registration {
  readonly fd: number;
  readonly label: string | undefined;
  readonly callback: EventCallback<T>;
  readonly attachments: Attachments;
  generation: number;
  active = true;
  /** The events that may reach the callback: none while paused. */
  deliverable: number;
  /** Whether it is ONE_SHOT and has reported since it was last armed. */
  fired = false;
  /** Whether the poller does not have it: while paused, or fired and not to be heard of until it is re-armed. */
  parked = false;
  readonly #keeper: Keeper<T>;
  #events: EventSet;
  #paused = false;

  constructor(
    keeper: Keeper<T>,
    fd: number,
    generation: number,
    events: EventSet,
    callback: EventCallback<T>,
    label: string | undefined,
    attachments: Attachments,
  ) {
    this.#keeper = keeper;
    this.fd = fd;
    this.generation = generation;
    this.#events = events;
    this.deliverable = deliverable(events);
    this.callback = callback;
    this.label = label;
    this.attachments = attachments;
  }

  get events(): EventSet {
    return this.#events;
  }

  set events(events: EventSet) {
    this.#events = events;
    this.#refresh();
  }

  get oneShot(): boolean {
    return (this.#events & EventSet.ONE_SHOT) !== 0;
  }

  get paused(): boolean {
    return this.#paused;
  }

  set paused(paused: boolean) {
    this.#paused = paused;
    this.#refresh();
  }

  modify(events: EventSet): void {
    this.#keeper.modify(this, events, 'modify');
  }

  enable(events: EventSet): void {
    this.#keeper.modify(this, this.#events | EventSet.validate(events), 'modify');
  }

  disable(events: EventSet): void {
    this.#keeper.modify(this, this.#events & ~EventSet.validate(events), 'modify');
  }

  pause(): void {
    this.#keeper.pause(this);
  }

  resume(): void {
    this.#keeper.resume(this);
  }

  rearm(): void {
    this.#keeper.modify(this, this.#events, 'rearm');
  }

  delete(): boolean {
    return this.#keeper.delete(this);
  }

  [Symbol.dispose](): void {
    this.delete();
  }

  #refresh(): void {
    this.deliverable = this.#paused ? 0 : deliverable(this.#events);
  }
}

function deliverable(events: EventSet): number {
  return (events | ALWAYS_REPORTED) & REPORTABLE;
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
