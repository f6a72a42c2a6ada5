import type { AddRequest } from './arguments.js';
import { EventSet } from './event-set.js';
import type { FdLike } from './fd-object.js';
import { showAs } from './inspect.js';
import type { EventCallback } from './options.js';
import type { Registration } from './registration.js';
import { isThenable } from './thenable.js';

export const ALWAYS_REPORTED: EventSet = EventSet.ERROR | EventSet.HANG_UP;
/** All but the flags, which are the high bits. */
const REPORTABLE = EventSet.ALL & 0xffff;

/** What a registration belongs to: the members of a group, or the tasks that wait for its events by `once` and `on`. */
export interface Parent {
  /** Called when the registration has begun. */
  add?(registration: Registration): unknown;
  /** Called when it has ended. */
  delete(registration: Registration): unknown;
}

/** What an entry is made of. */
export interface EntryRequest extends AddRequest {
  readonly parent?: Parent | undefined;
}

/** What the methods of a registration ask of the registry. */
export interface EntryOwner {
  begin(entry: Entry): void;
  suspend(entry: Entry): void;
  release(entry: Entry): void;
  modify(entry: Entry, events: EventSet, action: 'modify' | 'rearm'): void;
  pause(entry: Entry): void;
  resume(entry: Entry): void;
  delete(entry: Entry): boolean;
  setRef(entry: Entry, isRef: boolean): void;
}

/**
 * The poller has an entry in the states `watched` and `fired`, and in no other. A `serial` entry is `held` until its
 * callback has ended.
 *
 * ```text
 *              add             a ONE_SHOT reports         rebuild
 *   inactive ───────► watched ───────────────────► fired ─────────► unwatched
 *                      │   ▲                         │                │   ▲
 *                pause │   │ resume            pause │          pause │   │ resume
 *                      ▼   │        modify           ▼                ▼   │
 *                     paused ◄───────────────────── paused-fired ──┘
 * ```
 *
 * `modify` also leads from `fired` and `unwatched` back to `watched`, and `delete` from every state to `inactive`. While an
 * entry is pending, what leads to `watched` leads to `held`, and the end of the callback from `held` to `watched`.
 */
export type EntryState = 'inactive' | 'watched' | 'fired' | 'unwatched' | 'paused' | 'paused-fired' | 'held';

/** What few entries need, apart from the others, so that these take less memory. */
interface Extras {
  closeTarget: (() => void) | undefined;
  /** Stops listening to the signal. */
  detach: (() => void) | undefined;
  pending: boolean;
  /** Edge-triggered events that came while it was pending. */
  missed: number;
}

/** The extras of all other entries. Nothing else is ever written to it. */
const NO_EXTRAS: Extras = { closeTarget: undefined, detach: undefined, pending: false, missed: 0 };

/**
 * A registration as the registry keeps it, and as dispatch reads it: `generation`, `deliverable`, `oneShot` and
 * `callback` are all that an event needs.
 */
export class Entry implements Registration {
  readonly fd: number;
  readonly label: string | undefined;
  /** Set once more by an observer, before the entry is active. */
  callback: EventCallback;
  /** Held while it is registered. */
  target: FdLike | undefined;
  parent: Parent | undefined;
  generation = 0;
  events: EventSet;
  state: EntryState = 'inactive';
  /** The events that may reach the callback: none while paused. */
  deliverable = 0;
  oneShot = false;
  isRef = true;
  readonly extras: Extras;
  readonly #owner: EntryOwner;

  constructor(owner: EntryOwner, request: EntryRequest) {
    const { callback, closeTarget, serial, signal } = request;
    this.#owner = owner;
    this.fd = request.fd;
    this.events = request.events;
    this.callback = serial ? serialize(callback, owner) : callback;
    this.label = request.label;
    this.target = request.target;
    this.parent = request.parent;
    this.extras = closeTarget || serial || signal ? { ...NO_EXTRAS, closeTarget } : NO_EXTRAS;
  }

  get active(): boolean {
    return this.state !== 'inactive';
  }

  get paused(): boolean {
    return this.state === 'paused' || this.state === 'paused-fired';
  }

  get fired(): boolean {
    return this.state === 'fired' || this.state === 'unwatched' || this.state === 'paused-fired';
  }

  get pending(): boolean {
    return this.extras.pending;
  }

  /** Whether the poller has it. */
  get isWatched(): boolean {
    return this.state === 'watched' || this.state === 'fired';
  }

  /** The events that the interest lets through. */
  get reportable(): number {
    return (this.events | ALWAYS_REPORTED) & REPORTABLE;
  }

  /** Changes the state and the interest. */
  become(state: EntryState, events: EventSet): void {
    this.state = state;
    this.events = events;
    this.oneShot = (events & EventSet.ONE_SHOT) !== 0;
    this.extras.missed = 0;
    this.deliverable = this.paused || this.pending ? 0 : this.reportable;
  }

  modify(events: EventSet): void {
    this.#owner.modify(this, events, 'modify');
  }

  enable(events: EventSet): void {
    this.#owner.modify(this, this.events | EventSet.validate(events), 'modify');
  }

  disable(events: EventSet): void {
    this.#owner.modify(this, this.events & ~EventSet.validate(events), 'modify');
  }

  ref(): this {
    this.#owner.setRef(this, true);
    return this;
  }

  unref(): this {
    this.#owner.setRef(this, false);
    return this;
  }

  hasRef(): boolean {
    return this.isRef;
  }

  pause(): void {
    this.#owner.pause(this);
  }

  resume(): void {
    this.#owner.resume(this);
  }

  rearm(): void {
    this.#owner.modify(this, this.events, 'rearm');
  }

  delete(): boolean {
    return this.#owner.delete(this);
  }

  [Symbol.dispose](): void {
    this.delete();
  }
}

/** Makes a callback that is not called again before its promise has settled. */
function serialize(callback: EventCallback, owner: EntryOwner): EventCallback {
  return (events, registration) => {
    // The dispatcher calls it with nothing else.
    const entry = registration as Entry;
    owner.begin(entry);
    let isPending = false;
    try {
      const result: unknown = callback(events, entry);
      isPending = isThenable(result);
      if (!isPending) {
        return result;
      }
      owner.suspend(entry);
      return Promise.resolve(result).finally(() => owner.release(entry));
    } finally {
      if (!isPending) {
        owner.release(entry);
      }
    }
  };
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
