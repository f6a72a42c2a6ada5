import { messageOf } from '../error-facts.js';
import type { Cancel, Log, Timers } from '../ports.js';
import type { Service } from './service.js';

/** A connected datagram socket for notifications. */
export interface NotifySocket {
  /** `undefined` if it would block. */
  send(message: Uint8Array): number | undefined;
  close(): void;
}

/** The environment, which describes the service manager, and how to connect to it. */
export interface ServiceManagerContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly log: Log;
  /** Connects to a unix datagram socket: a path, or NUL and an abstract name. Throws system errors. */
  readonly connect: (path: string) => NotifySocket;
}

/**
 * Notifies the service manager of the state of the server, if there is one. The server keeps running if that fails.
 *
 * @see {@link https://man7.org/linux/man-pages/man3/sd_notify.3.html | sd_notify(3)}
 */
export class ServiceManager {
  readonly #context: ServiceManagerContext;

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

  /** Reports that the server is alive. */
  alive(): void {
    this.#notify('WATCHDOG=1');
  }

  #notify(message: string): void {
    const { env, log, connect } = this.#context;
    const { NOTIFY_SOCKET = '' } = env;
    if (NOTIFY_SOCKET === '') {
      return;
    }
    try {
      const socket = connect(NOTIFY_SOCKET.replace(/^@/, '\0'));
      try {
        socket.send(Buffer.from(message));
      } finally {
        socket.close();
      }
    } catch (error) {
      log.warn('cannot notify the service manager', { message, reason: messageOf(error) });
    }
  }
}

/** Reports to the service manager that the server is alive, twice per watchdog timeout, as long as it is responsive. */
export function startWatchdog(manager: ServiceManager, service: Service, timers: Timers, log: Log): Cancel {
  const { watchdogMs } = manager;
  if (watchdogMs === undefined) {
    return () => undefined;
  }
  return timers.every(watchdogMs / 2, () => {
    if (service.isResponsive()) {
      manager.alive();
    } else {
      log.error('a worker does not answer');
    }
  });
}
