import { channel } from 'node:diagnostics_channel';
import type { Observer, Poller, ReadyBatch, Registration, Timer, WaitCause } from '@em/core';

/**
 * The messages that an `EpollPoller` publishes, by the name of their channel in `node:diagnostics_channel`, while the
 * channel has a subscriber. `poller` is the same object in all messages of a manager.
 */
export interface DiagnosticsMessages {
  /** A registration was added. */
  'em.registration.add': { readonly poller: Poller; readonly registration: Registration };

  /** A registration has ended. It is not active any more. */
  'em.registration.end': { readonly poller: Poller; readonly registration: Registration };

  /** A wait of the poller has ended. Its callbacks have not been called yet. */
  'em.wait': {
    readonly poller: Poller;
    readonly timeoutMs: number;
    readonly cause: WaitCause;
    /** The number of entries in `batch`. */
    readonly count: number;
    /** What is ready. Valid only until the subscriber returns. */
    readonly batch: ReadyBatch;
  };

  /** A callback has thrown, or its promise was rejected. */
  'em.error': { readonly poller: Poller; readonly error: unknown; readonly handle: Registration | Timer };
}

const ADD = channel('em.registration.add');
const END = channel('em.registration.end');
const ERROR = channel('em.error');
export const WAIT: ReturnType<typeof channel> = channel('em.wait');

/** Publishes what only the manager knows. */
export class DiagnosticsObserver implements Observer {
  readonly #poller: Poller;
  /** Waits for the poller to accept it. */
  #announced: Registration | undefined;

  constructor(poller: Poller) {
    this.#poller = poller;
  }

  onAdd<C>(registration: Registration, callback: C): C {
    this.#announced = ADD.hasSubscribers ? registration : undefined;
    return callback;
  }

  /** The poller has accepted an fd: a new registration, or one whose pause ends. */
  accepted(fd: number): void {
    const registration = this.#announced;
    if (registration?.fd === fd) {
      this.#announced = undefined;
      const message: DiagnosticsMessages['em.registration.add'] = { poller: this.#poller, registration };
      ADD.publish(message);
    }
  }

  onEnd(registration: Registration): void {
    if (END.hasSubscribers) {
      const message: DiagnosticsMessages['em.registration.end'] = { poller: this.#poller, registration };
      END.publish(message);
    }
  }

  onError(error: unknown, handle: Registration | Timer): void {
    if (ERROR.hasSubscribers) {
      const message: DiagnosticsMessages['em.error'] = { poller: this.#poller, error, handle };
      ERROR.publish(message);
    }
  }
}
