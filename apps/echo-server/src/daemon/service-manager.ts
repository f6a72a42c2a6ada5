import type { EventManager } from '@em/core';
import type { UnixAddress, UnixDatagram } from '@em/sys';
import type { Log } from '../context.js';
import { messageOf } from '../errors.js';
import type { Service } from './service.js';

/** The time until the next attempt, if the queue of the service manager is full. */
const RETRY_MS = 50;

/** The environment, which describes the service manager, and how to connect to it. */
export interface ServiceManagerContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly log: Log;
  readonly manager: EventManager;
  /** `UnixDatagram.connect` of `@em/sys`. */
  readonly connect: (address: UnixAddress) => Pick<UnixDatagram, 'send' | 'close'>;
}

/**
 * Notifies the service manager of the state of the server, if there is one. The server keeps running if that fails.
 *
 * @see {@link https://man7.org/linux/man-pages/man3/sd_notify.3.html | sd_notify(3)}
 */
export class ServiceManager {
  readonly #context: ServiceManagerContext;
  /** Notifications that the queue of the service manager had no room for, in order. */
  readonly #waiting: string[] = [];

  constructor(context: ServiceManagerContext) {
    this.#context = context;
  }

  /** The watchdog timeout of the service manager, in milliseconds; `undefined` if it has no watchdog. */
  get watchdogMs(): number | undefined {
    const { env, pid } = this.#context;
    const { WATCHDOG_USEC = '', WATCHDOG_PID = String(pid) } = env;
    const periodMs = /^\d{1,15}$/.test(WATCHDOG_USEC) ? Number(WATCHDOG_USEC) / 1000 : 0;
    return WATCHDOG_PID === String(pid) && periodMs > 0 ? periodMs : undefined;
  }

  /** Reports that clients can connect. */
  ready(status: string): void {
    this.#notify(`READY=1\nSTATUS=${status}`);
  }

  /** Reports that the server is about to end. */
  stopping(): void {
    this.#notify('STOPPING=1');
  }

  /** Reports that the server is alive. Other notifications that wait report that as well. */
  alive(): void {
    if (this.#waiting.length === 0) {
      this.#notify('WATCHDOG=1');
    }
  }

  /** Reports that the server is alive, twice per watchdog timeout, unless a part of the service is stuck. */
  watch(service: Pick<Service, 'health'>): void {
    const { watchdogMs } = this;
    const { manager, log } = this.#context;
    if (watchdogMs !== undefined) {
      manager.every(watchdogMs / 2, () => {
        if (service.health === 'stuck') {
          log.error('a worker neither answers nor ends');
        } else {
          this.alive();
        }
      });
    }
  }

  #notify(message: string): void {
    this.#waiting.push(message);
    if (this.#waiting.length === 1) {
      this.#sendWaiting();
    }
  }

  #sendWaiting(): void {
    for (let message = this.#waiting[0]; message !== undefined; message = this.#waiting[0]) {
      if (!this.#send(message)) {
        this.#context.manager.after(RETRY_MS, () => this.#sendWaiting());
        return;
      }
      this.#waiting.shift();
    }
  }

  /** Returns `false` if it would block. */
  #send(message: string): boolean {
    const { env, log, connect } = this.#context;
    const { NOTIFY_SOCKET = '' } = env;
    if (NOTIFY_SOCKET === '') {
      return true;
    }
    try {
      const socket = connect({ path: NOTIFY_SOCKET.replace(/^@/, '\0') });
      try {
        return socket.send(Buffer.from(message)) !== undefined;
      } finally {
        socket.close();
      }
    } catch (error) {
      log.warn('cannot notify the service manager', { message, reason: messageOf(error) });
      return true;
    }
  }
}
