// Offers what the README of npm's unix-dgram describes.

import { EventEmitter } from 'node:events';
import { AnySocket, EventManager, EventSet } from '@em/sys';

/** @typedef {(error?: unknown) => void} Callback */

const { AF_UNIX, SOCK_DGRAM } = AnySocket.constants;
/** Larger than any datagram, unless an administrator has raised the limit of Linux. */
const buffer = Buffer.allocUnsafe(262_144);

// A listener that throws causes an uncaught exception, as with any emitter. The others go on.
const manager = new EventManager({
  onError: (error) => {
    queueMicrotask(() => {
      throw error;
    });
  },
});
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
    this.#emitAfter('listening', () => {
      this.#socket.bind(sockaddr(path));
      this.#watch(EventSet.IN);
    });
  }

  /** @type {(path: string) => void} */
  connect(path) {
    this.#emitAfter('connect', () => this.#socket.connect(sockaddr(path)));
  }

  /** @type {(message: Buffer, ...rest: [Callback?] | [number, number, string, Callback?]) => void} */
  send(message, ...rest) {
    if (rest.length > 1) {
      this.send_to(message, .../** @type {[number, number, string, Callback?]} */ (rest));
    } else if (!this.#hasRoom(() => this.#socket.send(message), .../** @type {[Callback?]} */ (rest))) {
      this.#watch(EventSet.OUT);
      this.emit('congestion');
    }
  }

  /** @type {(message: Buffer, offset: number, length: number, path: string, callback?: Callback) => void} */
  send_to(message, offset, length, path, callback) {
    if (!this.#hasRoom(() => this.#socket.sendTo(sockaddr(path), message, offset, length), callback)) {
      this.emit('congestion');
    }
  }

  close() {
    this.#socket.close();
  }

  /** @type {(event: string, action: () => void) => void} */
  #emitAfter(event, action) {
    try {
      action();
    } catch (error) {
      this.emit('error', error);
      return;
    }
    this.emit(event);
  }

  /** @type {(send: () => number | undefined, callback?: Callback) => boolean} */
  #hasRoom(send, callback) {
    let length;
    try {
      length = send();
    } catch (error) {
      if (callback === undefined) {
        this.emit('error', error);
      } else {
        callback(error);
      }
      return true;
    }
    callback?.(length === undefined ? Object.assign(new Error('congestion'), { code: 'EAGAIN' }) : undefined);
    return length !== undefined;
  }

  /** @type {(events: number) => void} */
  #watch(events) {
    if (this.#registration?.active) {
      this.#registration.enable(events);
    } else if (!this.#socket.closed) {
      this.#registration = manager.add(this.#socket, events, (...args) => this.#dispatch(...args));
    }
  }

  /** @type {(ready: number, registration: import('@em/sys').Registration) => void} */
  #dispatch(ready, registration) {
    if (EventSet.has(ready, EventSet.OUT)) {
      if (registration.events === EventSet.OUT) {
        registration.delete();
      } else {
        registration.disable(EventSet.OUT);
      }
      this.emit('writable');
    }
    if (EventSet.has(ready, EventSet.IN)) {
      let message = this.#receive();
      while (message !== undefined) {
        this.emit('message', message);
        message = this.#receive();
      }
    }
  }

  #receive() {
    // A listener may have closed the socket.
    const length = this.#socket.closed ? undefined : this.#socket.receive(buffer);
    return length === undefined ? undefined : Buffer.from(buffer.subarray(0, length));
  }
}

/** @type {(path: string) => Uint8Array} */
function sockaddr(path) {
  const family = new Uint8Array(Uint16Array.of(AF_UNIX).buffer);
  return Buffer.concat([family, Buffer.from(`${path}\0`)]);
}
