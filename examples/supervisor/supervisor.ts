import { type EventManager, EventSet } from '@em/core';
import type { PidFd, UnixDatagram } from '@em/sys';

// What the supervisor needs of a process, and of the socket to which a service sends its name while it is healthy. The tests
// pass fakes, which have the same members.
type Child = Pick<PidFd, 'fd' | 'exitStatus' | 'sendSignal' | 'close'>;
type HealthSocket = Pick<UnixDatagram, 'fd' | 'receive' | 'close'>;

interface SupervisorOptions {
  readonly manager: EventManager;
  readonly health: HealthSocket;
  /** Starts a service. It may throw. */
  readonly spawn: (name: string) => Child;
  readonly log: (message: string) => void;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 60_000;
/** When a service has run this long, and ends then, it starts again soon. */
const STABLE_MS = 300_000;
/** A service that sends nothing for this long hangs, and is killed. */
const SILENCE_MS = 10_000;
/** How long a service may take to end after SIGTERM. */
const GRACE_MS = 5_000;

/** Keeps services running: starts each again when it ends or hangs, and ends them all in `stop`. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #stopping = new AbortController();
  readonly #buffer = new Uint8Array(256);
  readonly #delaysMs = new Map<string, number>();
  readonly #running = new Map<string, { readonly child: Child; readonly onHealthy: () => void }>();
  #onAllEnded: (() => void) | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    options.manager.add(options.health, EventSet.IN, () => this.#receive());
  }

  /** Starts a service. */
  start(name: string): void {
    try {
      const child = this.#options.spawn(name);
      try {
        this.#watch(name, child);
      } catch (error) {
        child.sendSignal('SIGKILL');
        child.close();
        throw error;
      }
    } catch (error) {
      this.#startAgain(name, `cannot be started: ${error}`);
    }
  }

  /** Ends all services: by SIGTERM, and later by SIGKILL. The promise fulfils when all have ended. */
  async stop(): Promise<void> {
    const { manager, health } = this.#options;
    this.#stopping.abort();
    this.#signalAll('SIGTERM');
    const deadline = manager.after(GRACE_MS, () => this.#signalAll('SIGKILL'));
    if (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onAllEnded = resolve;
      });
    }
    deadline.cancel();
    health.close();
  }

  #watch(name: string, child: Child): void {
    const { manager, log } = this.#options;
    const group = manager.group();
    group.add(child, EventSet.IN, () => {
      const status = child.exitStatus();
      // Under Deno, the status comes a moment later.
      if (status !== undefined) {
        group.close();
        child.close();
        this.#running.delete(name);
        this.#startAgain(name, `${status.signal ?? `exit code ${status.exitCode}`}`);
      }
    });
    group.after(STABLE_MS, () => void this.#delaysMs.delete(name));
    const silence = group.after(SILENCE_MS, () => {
      log(`${name} hangs`);
      child.sendSignal('SIGKILL');
    });
    this.#running.set(name, { child, onHealthy: () => silence.refresh() });
  }

  #startAgain(name: string, reason: string): void {
    const { manager, log } = this.#options;
    const { signal } = this.#stopping;
    log(`${name}: ${reason}`);
    if (!signal.aborted) {
      const delayMs = this.#delaysMs.get(name) ?? FIRST_DELAY_MS;
      this.#delaysMs.set(name, Math.min(2 * delayMs, MAX_DELAY_MS));
      manager.after(delayMs, () => this.start(name), { signal });
    } else if (this.#running.size === 0) {
      this.#onAllEnded?.();
    }
  }

  #receive(): void {
    const length = this.#options.health.receive(this.#buffer);
    const name = new TextDecoder().decode(this.#buffer.subarray(0, length ?? 0));
    this.#running.get(name)?.onHealthy();
  }

  #signalAll(signal: 'SIGTERM' | 'SIGKILL'): void {
    for (const { child } of this.#running.values()) {
      child.sendSignal(signal);
    }
  }
}
