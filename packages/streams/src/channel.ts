import { type EventManager, EventManagerError, EventSet, type FdObject, ON_ADD, type Registration } from '@em/core';
import { checkFunction, invalidType } from '@em/core/check';
import type { StreamOptions } from './fd-objects.js';

type Done = (error?: Error | null) => void;

/** What the two halves of a stream and its channel know of each other. */
export interface Half {
  /** The events that it waits for: `IN` or `OUT`. */
  readonly event: EventSet;
  /** Whether it has something to do once it is ready. */
  readonly isWaiting: boolean;
  onReady(events: EventSet): void;
  /** The stream was destroyed. */
  onClose?(reason: Error | null): void;
}

const FAILED = EventSet.ERROR | EventSet.HANG_UP;

/**
 * The registration of a stream's fd. It is paused while neither half waits, since a hang-up would be reported without
 * end otherwise.
 */
export class Channel {
  readonly #manager: EventManager;
  readonly #fdObject: FdObject & { close?(): void };
  readonly #label: string | undefined;
  readonly #autoClose: boolean;
  readonly #halves: Half[] = [];
  readonly #onLost: (error: Error) => void;
  #registration: Registration | undefined;
  #isRef = true;

  /** @param onLost - Called if the registration ends before {@link Channel.close}. */
  constructor(manager: EventManager, fdObject: FdObject, options: StreamOptions, onLost: (error: Error) => void) {
    checkFunction('manager.add', manager.add);
    const { autoClose = true, label } = options;
    if (typeof autoClose !== 'boolean') {
      throw invalidType('options.autoClose', 'a boolean', autoClose);
    }
    this.#manager = manager;
    this.#fdObject = fdObject;
    this.#label = label;
    this.#autoClose = autoClose;
    this.#onLost = onLost;
  }

  join(half: Half): void {
    this.#halves.push(half);
  }

  /** Whether the stream keeps the process alive. */
  set isRef(isRef: boolean) {
    this.#isRef = isRef;
    this.#applyRef();
  }

  /** Registers the fd: `_construct` of Node's streams. */
  open(done: Done): void {
    try {
      this.#registration = this.#add();
      this.#applyRef();
      this.#registration.pause();
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  }

  /** Has a half called once it is ready. */
  want(event: EventSet): void {
    const registration = this.#registration;
    if (registration === undefined) {
      return;
    }
    if (registration.paused) {
      registration.modify(event);
      registration.resume();
    } else if ((registration.events & event) !== event) {
      registration.enable(event);
    }
  }

  /** Ends the registration, then closes the fd object: `_destroy` of Node's streams. */
  close(reason: Error | null, done: Done): void {
    const registration = this.#registration;
    this.#registration = undefined;
    let error = reason;
    try {
      registration?.delete();
      if (this.#autoClose) {
        this.#fdObject.close?.();
      }
    } catch (failure) {
      error ??= failure as Error;
    }
    done(error);
    for (const half of this.#halves) {
      half.onClose?.(error);
    }
  }

  #add(): Registration {
    const { fd } = this.#fdObject;
    // The registration owns this, and closes it when it ends: so a closed manager or fd object is noticed.
    const held = {
      fd,
      close: () => this.#lose(fd),
      [ON_ADD]: (registration: Registration) => this.#fdObject[ON_ADD]?.(registration),
    };
    const options = { own: true, ...(this.#label !== undefined && { label: this.#label }) };
    return this.#manager.add(held, EventSet.EMPTY, (events) => this.#dispatch(events), options);
  }

  #applyRef(): void {
    if (this.#isRef) {
      this.#registration?.ref();
    } else {
      this.#registration?.unref();
    }
  }

  #dispatch(events: EventSet): void {
    let wanted: EventSet = EventSet.EMPTY;
    for (const half of this.#halves) {
      if (half.isWaiting) {
        wanted |= half.event;
        if ((events & (half.event | FAILED)) !== 0) {
          half.onReady(events);
        }
      }
    }
    // A half that has stopped waiting in `onReady` usually waits again before its next event comes. So its interest is
    // given up only when an event comes that it does not wait for.
    if (wanted === EventSet.EMPTY) {
      this.#registration?.pause();
    } else if ((events & ~(wanted | FAILED)) !== 0) {
      this.#registration?.modify(wanted);
    }
  }

  #lose(fd: number): void {
    if (this.#registration !== undefined) {
      this.#registration = undefined;
      const message = `Cannot go on with the stream of fd ${fd}: its event manager or its fd object was closed`;
      this.#onLost(new EventManagerError('ERR_EM_CLOSED', message));
    }
  }
}
