import { type Binding, binding } from '../addon/binding.js';
import { checkedUnlessBlocked } from '../addon/system-error.js';
import { Socket } from './socket.js';

/**
 * A non-blocking socket that listens. It reports `IN` while a connection waits to be accepted.
 *
 * {@link Socket} lists what every method throws.
 */
export abstract class Listener<Connection> extends Socket {
  readonly #native: Binding = binding();
  readonly #toConnection: (fd: number) => Connection;

  protected constructor(fd: number, toConnection: (fd: number) => Connection) {
    super(fd);
    this.#toConnection = toConnection;
  }

  /**
   * Accepts a connection.
   *
   * @returns `undefined` if no connection is waiting: it would block.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files: the connection goes on waiting, and the
   * listener goes on reporting `IN`, so pause its registration. `ECONNABORTED` if the peer of a TCP connection has gone
   * in the meantime: call `accept` again.
   */
  accept(): Connection | undefined {
    const fd = checkedUnlessBlocked(this.#native.accept(this.fd), 'accept', this.fd);
    return fd === undefined ? undefined : this.#toConnection(fd);
  }
}
