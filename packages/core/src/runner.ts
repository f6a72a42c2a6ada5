import type { RunRequest } from './arguments.js';
import type { Dispatcher } from './dispatcher.js';
import { EventManagerError } from './errors.js';
import { startTimer } from './host-timer.js';
import type { Attachment, Poller } from './poller.js';
import type { Registry } from './registry.js';
import { follow } from './signal.js';
import type { TimerQueue } from './timer-queue.js';

/** The current run. */
interface Run {
  readonly attachment: Attachment;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  readonly letGoOfSignal: (() => void) | undefined;
  readonly untilEmpty: boolean;
}

/**
 * Waits in the event loop of the host, and dispatches one batch whenever that reports something ready. One timer of the
 * host waits for the next deadline.
 */
export class Runner {
  readonly #poller: Poller;
  readonly #registry: Registry;
  readonly #timers: TimerQueue;
  readonly #dispatcher: Dispatcher;
  #current: Run | undefined;
  #hasRef = true;
  #isServing = false;
  /** When the timer of the host ends. */
  #alarmMs = Number.POSITIVE_INFINITY;
  #cancelAlarm: (() => void) | undefined;

  constructor(poller: Poller, registry: Registry, timers: TimerQueue, dispatcher: Dispatcher) {
    this.#poller = poller;
    this.#registry = registry;
    this.#timers = timers;
    this.#dispatcher = dispatcher;
    timers.onResize = (): void => this.#onResize();
    timers.onChange = (deadline): void => this.#onTimersChanged(deadline);
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

  run({ signal, untilEmpty }: RunRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#current !== undefined) {
        throw new EventManagerError('ERR_EM_ALREADY_RUNNING', 'Cannot call run(): it runs already');
      }
      const { hasLeftovers } = this.#dispatcher;
      if (signal?.aborted || (untilEmpty && this.#isEmpty && !hasLeftovers)) {
        resolve();
        return;
      }
      const letGoOfSignal = signal && follow(signal, () => this.stop());
      const attachment = this.#attach(letGoOfSignal);
      this.#current = { attachment, resolve, reject, letGoOfSignal, untilEmpty };
      this.#registry.onResize = (): void => this.#onResize();
      this.#registry.onLate = (): void => this.#poller.wake();
      this.#dispatcher.onRejection = (): void => this.#serve();
      this.#keepAlive();
      if (hasLeftovers) {
        this.#poller.wake();
      }
      this.#setAlarm(this.#timers.nextDeadline);
    });
  }

  stop(): void {
    this.#end()?.resolve();
  }

  #attach(onRefusal: (() => void) | undefined): Attachment {
    try {
      if (this.#poller.attach === undefined) {
        throw new EventManagerError(
          'ERR_EM_CANNOT_ATTACH',
          'Cannot call run(): this poller cannot attach to a host loop; call wait() in a loop',
        );
      }
      return this.#poller.attach(() => this.#serve(), this.#registry.watched());
    } catch (error) {
      onRefusal?.();
      throw error;
    }
  }

  /**
   * Dispatches one batch. The poller calls it again for the rest, after the host has handled its own events.
   */
  #serve(): void {
    this.#isServing = true;
    const isEmpty = this.#isEmpty;
    try {
      this.#dispatcher.wait(0);
      // It was empty before the turn too: no promise that was settled then has led to a new registration.
      if (isEmpty && this.#isEmpty && this.#current?.untilEmpty) {
        this.stop();
      }
    } catch (error) {
      const run = this.#end();
      if (run === undefined) {
        throw error;
      }
      run.reject(error);
    } finally {
      this.#isServing = false;
      this.#setAlarm(this.#timers.nextDeadline);
    }
  }

  #onTimersChanged(deadline: number): void {
    if (this.#timers.isPolling) {
      // Only an action on the clock of a fake runs meanwhile. The poller waits for the deadline as it was before.
      this.#poller.wake();
    } else if (!this.#isServing) {
      this.#setAlarm(deadline);
    }
  }

  /** Does nothing if the alarm of the host comes before the deadline: then it sets the next one. */
  #setAlarm(deadline: number): void {
    const attachment = this.#current?.attachment;
    if (attachment?.setAlarm !== undefined) {
      attachment.setAlarm(this.#timers.nextDeadline);
    } else if (attachment !== undefined && deadline < this.#alarmMs) {
      const onAlarm = (): void => {
        this.#alarmMs = Number.POSITIVE_INFINITY;
        // The alarm can be up to a millisecond early, and the timer that it was for may have been cancelled.
        if (this.#timers.remainingMs === 0) {
          this.#serve();
        } else {
          this.#setAlarm(this.#timers.nextDeadline);
        }
      };
      this.#cancelAlarm?.();
      this.#alarmMs = deadline;
      this.#cancelAlarm = startTimer(this.#timers.remainingMs, onAlarm, true);
    }
  }

  #end(): Run | undefined {
    const run = this.#current;
    this.#current = undefined;
    this.#registry.onResize = this.#registry.onLate = this.#dispatcher.onRejection = undefined;
    this.#cancelAlarm?.();
    this.#alarmMs = Number.POSITIVE_INFINITY;
    run?.attachment.detach();
    run?.letGoOfSignal?.();
    return run;
  }

  get #isEmpty(): boolean {
    return this.#registry.size === 0 && this.#timers.size === 0;
  }

  #onResize(): void {
    if (this.#isEmpty && this.#current?.untilEmpty) {
      this.#poller.wake();
    } else {
      this.#keepAlive();
    }
  }

  #keepAlive(): void {
    // A run that has become empty ends in the next turn of the host loop.
    const isEnding = this.#isEmpty && this.#current?.untilEmpty;
    if (this.#hasRef && (this.#registry.refs > 0 || this.#timers.size > 0 || isEnding)) {
      this.#current?.attachment.ref();
    } else {
      this.#current?.attachment.unref();
    }
  }
}
