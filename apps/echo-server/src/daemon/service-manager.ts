import { messageOf } from '../error-facts.js';
import type { Log } from '../ports.js';

/** A connected datagram socket, as notifications need it. */
export interface NotifySocket {
  /** `undefined` if it would block. */
  send(message: Uint8Array): number | undefined;
  close(): void;
}

/** What the environment says of the service manager, and how it is reached. */
export interface ServiceManagerContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly log: Log;
  /** Connects to a unix datagram socket: a path, or NUL and an abstract name. Throws system errors. */
  readonly connect: (path: string) => NotifySocket;
}

/**
 * Tells the service manager, if there is one that wants to know, how things are. It goes on without it where that fails.
 *
 * @see {@link https://man7.org/linux/man-pages/man3/sd_notify.3.html | sd_notify(3)}
 */
export class ServiceManager {
  readonly #context: ServiceManagerContext;

  constructor(context: ServiceManagerContext) {
    this.#context = context;
  }

  /** How often it wants to hear that all is well, in milliseconds; `undefined` if it does not. */
  get watchdogMs(): number | undefined {
    const { env, pid } = this.#context;
    const { WATCHDOG_USEC = '', WATCHDOG_PID = String(pid) } = env;
    const periodMs = /^\d{1,15}$/.test(WATCHDOG_USEC) ? Number(WATCHDOG_USEC) / 1000 : 0;
    return WATCHDOG_PID === String(pid) && periodMs > 0 ? periodMs : undefined;
  }

  /** The server can be reached. */
  ready(status: string): void {
    this.#notify(`READY=1\nSTATUS=${status}`);
  }

  /** It is about to end. */
  stopping(): void {
    this.#notify('STOPPING=1');
  }

  /** All is well. */
  isWell(): void {
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
      log.warn('the service manager cannot be told', { message, reason: messageOf(error) });
    }
  }
}
