import type { Dispatcher } from './dispatcher.js';
import { NOT_DRIVEN } from './errors.js';
import { FdWaiters } from './fd-waiters.js';
import { startTimer } from './host-timer.js';
import type { Registry } from './registry.js';
import type { Runner } from './runner.js';
import type { TimerQueue } from './timer-queue.js';

/** The part of Node's `process` that is used here. Hosts without it get no warning. */
interface HostProcess {
  emitWarning(message: string, options: { type: string; code: string }): void;
  once(event: 'beforeExit', listener: () => void): unknown;
}

/** How often it is looked whether a manager is driven. It takes two looks, since one may come late. */
const LOOK_EVERY_MS = 1_000;

/** The managers for which something waits, and which nothing has driven since. */
const suspects = new Set<Drive>();
let isAwaitingExit = false;

/** Knows whether anything drives a manager, and warns once if `once` or `on` waits while nothing does. */
export class Drive {
  readonly #registry: Registry;
  readonly #dispatcher: Dispatcher;
  readonly #runner: Runner;
  readonly #timers: TimerQueue;
  readonly #hasClock: boolean;
  #isWatched = false;

  /** @param hasClock - Whether the poller has a clock, which may stand still while nothing drives the manager. */
  constructor(registry: Registry, dispatcher: Dispatcher, runner: Runner, timers: TimerQueue, hasClock: boolean) {
    this.#registry = registry;
    this.#dispatcher = dispatcher;
    this.#runner = runner;
    this.#timers = timers;
    this.#hasClock = hasClock;
  }

  /**
   * Calls back once, after a delay: by a timer of the manager, and by one of the host in case nothing drives the manager.
   *
   * @returns A function that cancels it.
   */
  after(delayMs: number, callback: (isDriven: boolean) => void): () => void {
    const mark = this.#dispatcher.waitsBegun;
    const end = (): void => {
      cancel();
      callback(this.#isDrivenSince(mark));
    };
    const request = { delayMs, callback: end, isPeriodic: false, slackMs: 0, label: undefined, signal: undefined };
    const timer = this.#timers.start('once', request);
    const cancelOfHost = startTimer(this.#hasClock ? Number.POSITIVE_INFINITY : delayMs, end);
    const cancel = (): void => {
      timer.cancel();
      cancelOfHost();
    };
    return cancel;
  }

  /** Call it when something begins to wait. */
  watch(): void {
    if (!(this.#isWatched || this.#runner.isRunning)) {
      this.#isWatched = true;
      if (hostProcess()?.emitWarning !== undefined) {
        suspects.add(this);
        awaitExit();
        this.#lookLater(this.#dispatcher.waitsBegun, false);
      }
    }
  }

  /** The process is about to end. */
  atExit(): void {
    if (this.#isStuckSince(0)) {
      this.#warn();
    }
  }

  #lookLater(mark: number, isLast: boolean): void {
    const look = (): void => {
      if (!this.#isStuckSince(mark)) {
        this.#isWatched = false;
        suspects.delete(this);
      } else if (isLast) {
        this.#warn();
      } else {
        this.#lookLater(mark, true);
      }
    };
    startTimer(LOOK_EVERY_MS, look, true);
  }

  /** @param mark - `waitsBegun` at that time. */
  #isDrivenSince(mark: number): boolean {
    return this.#runner.isRunning || this.#dispatcher.waitsBegun !== mark;
  }

  #isStuckSince(mark: number): boolean {
    return !this.#isDrivenSince(mark) && [...this.#registry].some(({ parent }) => parent instanceof FdWaiters);
  }

  #warn(): void {
    if (suspects.delete(this)) {
      hostProcess()?.emitWarning(`once() or on() waits, but ${NOT_DRIVEN}`, {
        type: 'NotDrivenWarning',
        code: 'EM_NOT_DRIVEN',
      });
    }
  }
}

/** One listener per process, because Node warns of more than ten. */
function awaitExit(): void {
  if (!isAwaitingExit) {
    isAwaitingExit = true;
    hostProcess()?.once('beforeExit', () => {
      isAwaitingExit = false;
      for (const suspect of suspects) {
        suspect.atExit();
      }
    });
  }
}

function hostProcess(): HostProcess | undefined {
  return (globalThis as { process?: HostProcess }).process;
}
