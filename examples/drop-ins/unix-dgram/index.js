// Offers what the README of npm's unix-dgram describes.

import { EventEmitter } from 'node:events';
import { AnySocket, EventManager, EventSet } from '@em/sys';

/** @typedef {(error?: unknown) => void} Callback */

const { AF_UNIX, SOCK_DGRAM } = AnySocket.constants;
/** Larger than any datagram, unless an administrator has raised the limit of Linux. */
const buffer = Buffer.allocUnsafe(262_144);

// A listener that throws causes an uncaught exception, as with any emitter. The others go on.
const manager = new EventManager({ onError: (error) => void Promise.reject(error) });
manager.run();

/** @type {(type: 'unix_dgram', listener?: (message: Buffer) => void) => Socket} */
export function createSocket(_type, listener) {
  const socket = new Socket();
  return listener === undefined ? socket : socket.on('message', listener);
}

export class Socket extends EventEmitter {
  #socket = AnySocket.open({ family: AF_UNIX, type: SOCK_DGRAM });
  /** @type {import('@em/sys').Registration | undefined} */
  #registration;

  /** @type {(path: string) => void} */
  bind(path) {
    const error = errorOf(() => this.#socket.bind(sockaddr(path)) ?? this.#watch(EventSet.IN));
    this.emit(error ? 'error' : 'listening', error);
  }

  /** @type {(path: string) => void} */
  connect(path) {
    const error = errorOf(() => this.#socket.connect(sockaddr(path)));
    this.emit(error ? 'error' : 'connect', error);
  }

  /** @type {(message: Buffer, ...rest: [Callback?] | [number, number, string, Callback?]) => void} */
  send(message, ...rest) {
    const [offset, length, path, callback] = /** @type {[number, number, string?, Callback?]} */ (
      rest.length > 1 ? rest : [0, message.length, undefined, rest[0]]
    );
    let sent;
    const error = errorOf(() => {
      sent = path ? this.#socket.sendTo(sockaddr(path), message, offset, length) : this.#socket.send(message);
    });
    const isFull = !error && sent === undefined;
    if (isFull && !path) {
      this.#watch(EventSet.OUT);
    }
    if (callback) {
      callback(isFull ? Object.assign(new Error('congestion'), { code: 'EAGAIN' }) : error);
    } else if (error) {
      this.emit('error', error);
    }
    if (isFull) {
      this.emit('congestion');
    }
  }

  send_to = this.send;

  close() {
    this.#socket.close();
  }

  /** @type {(events: number) => void} */
  #watch(events) {
    if (this.#registration?.active) {
      this.#registration.enable(events);
    } else {
      this.#registration = manager.add(this.#socket, events, (...args) => this.#onEvents(...args));
    }
  }

  /** @type {(ready: number, registration: import('@em/sys').Registration) => void} */
  #onEvents(ready, registration) {
    if (ready & EventSet.OUT) {
      if (registration.events & EventSet.IN) {
        registration.disable(EventSet.OUT);
      } else {
        registration.delete();
      }
      this.emit('writable');
    }
    // A listener may have closed the socket.
    const length = this.#socket.closed ? undefined : this.#socket.receive(buffer);
    if (length !== undefined) {
      this.emit('message', Buffer.from(buffer.subarray(0, length)));
    }
  }
}

/** @type {(action: () => void) => unknown} */
function errorOf(action) {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** @type {(path: string) => Uint8Array} */
function sockaddr(path) {
  return Buffer.concat([new Uint8Array(Uint16Array.of(AF_UNIX).buffer), Buffer.from(`${path}\0`)]);
}
