import type { Dispatcher } from './dispatcher.js';
import { EventManagerError } from './errors.js';
import type { AbortSignalLike } from './options.js';
import type { Attachment, Poller } from './poller.js';
import type { Registry } from './registry.js';

/** The current run. */
interface Run {
  readonly attachment: Attachment;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  readonly letGoOfSignal: () => void;
}

/** Waits in the event loop of the host, and dispatches one batch whenever that reports something ready. */
export class Runner {
  readonly #poller: Poller;
  readonly #registry: Registry;
  readonly #dispatcher: Dispatcher;
  #current: Run | undefined;
  #hasRef = true;

  constructor(poller: Poller, registry: Registry, dispatcher: Dispatcher) {
    this.#poller = poller;
    this.#registry = registry;
    this.#dispatcher = dispatcher;
  }

  get isRunning(): boolean {
    return this.#current !== undefined;
  }

  get hasRef(): boolean {
    return this.#hasRef;
  }

  set hasRef(hasRef: boolean) {
    this.#hasRef = hasRef;
    this.#keepAlive();
  }

  run(signal: AbortSignalLike | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#current !== undefined) {
        throw new EventManagerError('ERR_EM_ALREADY_RUNNING', 'Cannot call run(): it runs already');
      }
      if (signal?.aborted) {
        resolve();
        return;
      }
      const onAbort = (): void => this.stop();
      const letGoOfSignal = (): void => signal?.removeEventListener('abort', onAbort);
      signal?.addEventListener('abort', onAbort);
      const attachment = this.#attach(letGoOfSignal);
      this.#current = { attachment, resolve, reject, letGoOfSignal };
      this.#registry.onResize = (): void => this.#keepAlive();
      this.#dispatcher.onRejection = (): void => this.#serve();
      this.#keepAlive();
      if (this.#dispatcher.hasLeftovers) {
        this.#poller.wake();
      }
    });
  }

  stop(): void {
    this.#end()?.resolve();
  }

  #attach(onRefusal: () => void): Attachment {
    try {
      if (this.#poller.attach === undefined) {
        throw new EventManagerError(
          'ERR_EM_CANNOT_ATTACH',
          'Cannot call run(): this poller cannot attach to a host loop; call wait() in a loop',
        );
      }
      return this.#poller.attach(() => this.#serve(), this.#registry.watched());
    } catch (error) {
      onRefusal();
      throw error;
    }
  }

  /**
   * Dispatches one batch per turn of the host loop, which reports the rest again after it has handled its own events.
   */
  #serve(): void {
    try {
      this.#dispatcher.wait(0);
    } catch (error) {
      const run = this.#end();
      if (run === undefined) {
        throw error;
      }
      run.reject(error);
    }
  }

  #end(): Run | undefined {
    const run = this.#current;
    this.#current = undefined;
    this.#registry.onResize = this.#dispatcher.onRejection = undefined;
    run?.attachment.detach();
    run?.letGoOfSignal();
    return run;
  }

  #keepAlive(): void {
    if (this.#hasRef && this.#registry.size > 0) {
      this.#current?.attachment.ref();
    } else {
      this.#current?.attachment.unref();
    }
  }
}
