import type { Dispatcher } from './dispatcher.js';
import { NOT_DRIVEN } from './errors.js';
import { startTimer } from './host-timer.js';
import type { Registry } from './registry.js';
import type { Runner } from './runner.js';

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
  #isWatched = false;

  constructor(registry: Registry, dispatcher: Dispatcher, runner: Runner) {
    this.#registry = registry;
    this.#dispatcher = dispatcher;
    this.#runner = runner;
  }

  /** A point in time, for {@link Drive.isDrivenSince}. */
  get mark(): number {
    return this.#dispatcher.waitsBegun;
  }

  isDrivenSince(mark: number): boolean {
    return this.#runner.isRunning || this.#dispatcher.waitsBegun !== mark;
  }

  /** Call it when something begins to wait. */
  watch(): void {
    if (!(this.#isWatched || this.#runner.isRunning)) {
      this.#isWatched = true;
      if (hostProcess()?.emitWarning !== undefined) {
        suspects.add(this);
        awaitExit();
        this.#lookLater(this.mark, false);
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

  #isStuckSince(mark: number): boolean {
    return !this.isDrivenSince(mark) && [...this.#registry].some(({ waiters }) => waiters !== undefined);
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
