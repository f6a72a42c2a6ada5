import type { OnceRequest } from './arguments.js';
import type { Entry } from './entry.js';
import { EventManagerError, notRegistered } from './errors.js';
import { EventSet } from './event-set.js';
import type { Registry } from './registry.js';
import { startTimer } from './timer.js';

/** Who waits for the next event. */
interface Waiter {
  readonly resolve: (events: EventSet) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A registration that is waited for by promises, one event at a time. It is a ONE_SHOT, armed only while somebody waits,
 * so that whoever is slow is not told of more than he can take.
 */
export class FdWaiter {
  readonly #fd: number;
  readonly #registry: Registry;
  readonly #entry: Entry;
  readonly #letGoOfSignal: () => void;
  #waiter: Waiter | undefined;
  /** Why there will be no further event. */
  #failure: { readonly error: unknown } | undefined;
  #isArmed = true;

  /** @throws What `EventManager.add` throws; `signal.reason` if the signal is aborted. */
  constructor(registry: Registry, { target, fd, events, signal }: OnceRequest) {
    if (signal?.aborted) {
      throw signal.reason;
    }
    this.#fd = fd;
    this.#registry = registry;
    this.#entry = registry.add({
      target,
      fd,
      events: EventSet.validate(events | EventSet.ONE_SHOT),
      callback: (ready) => this.#deliver(ready),
      onEnd: () => this.#fail(this.#ended()),
    });
    const onAbort = (): void => this.#fail(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    this.#letGoOfSignal = (): void => signal?.removeEventListener('abort', onAbort);
  }

  /** The next event. Rejected at the end of the time, of the signal, or of the registration. */
  async next(timeoutMs: number = Number.POSITIVE_INFINITY): Promise<EventSet> {
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
    if (!this.#isArmed) {
      this.#entry.rearm();
      this.#isArmed = true;
    }
    const callOff = startTimer(timeoutMs, () => this.#fail(timedOut(this.#fd, timeoutMs)));
    try {
      return await new Promise((resolve, reject) => {
        this.#waiter = { resolve, reject };
      });
    } finally {
      callOff();
    }
  }

  /** Ends the registration. */
  end(): void {
    this.#letGoOfSignal();
    this.#entry.delete();
  }

  #deliver(events: EventSet): void {
    this.#isArmed = false;
    this.#takeWaiter()?.resolve(events);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#takeWaiter()?.reject(error);
  }

  #takeWaiter(): Waiter | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    return waiter;
  }

  #ended(): EventManagerError {
    return this.#registry.closed
      ? new EventManagerError('ERR_EM_CLOSED', `Cannot wait for fd ${this.#fd}: the event manager is closed`)
      : notRegistered('wait for', this.#fd, 'its registration was ended');
  }
}

function timedOut(fd: number, timeoutMs: number): EventManagerError {
  return new EventManagerError('ERR_EM_TIMEOUT', `Waited for fd ${fd} in vain: ${timeoutMs} ms are over`);
}
