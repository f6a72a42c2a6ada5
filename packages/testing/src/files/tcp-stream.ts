import { checkBoolean, checkInteger } from '@em/core/check';
import { systemError } from '../errors.js';
import type { FdTable } from '../fd-table.js';
import type { FakeSocketAddress } from './ports.js';
import type { TcpStreamFile } from './stream-file.js';
import { FakeStreamSocket } from './stream-socket.js';

/** A fake of `TcpStream` of `@em/sys`. {@link FakeSocket} says what every method throws. */
export class FakeTcpStream extends FakeStreamSocket<TcpStreamFile> {
  readonly #local: FakeSocketAddress;
  readonly #remote: FakeSocketAddress;

  private constructor(fds: FdTable, file: TcpStreamFile, local: FakeSocketAddress, remote: FakeSocketAddress) {
    super(fds, file);
    this.#local = local;
    this.#remote = remote;
  }

  static create(fds: FdTable, file: TcpStreamFile, local: FakeSocketAddress, remote: FakeSocketAddress): FakeTcpStream {
    return new FakeTcpStream(fds, file, local, remote);
  }

  override dup(): FakeTcpStream {
    return new FakeTcpStream(this.fds, this.open(), this.#local, this.#remote);
  }

  /** The address of this end. */
  get localAddress(): FakeSocketAddress {
    this.open();
    return this.#local;
  }

  /** The address of the other end. @throws SystemError `ENOTCONN` if the stream is not connected. */
  get remoteAddress(): FakeSocketAddress {
    if (this.open().isOver) {
      throw systemError('ENOTCONN', 'getpeername', this.fd);
    }
    return this.#remote;
  }

  /** Has no effect: small writes are always sent at once. */
  setNoDelay(noDelay: boolean): void {
    this.open();
    checkBoolean('noDelay', noDelay);
  }

  /** Has no effect: a fake peer always answers. */
  setKeepAlive(keepAlive: boolean, idleSeconds?: number): void {
    this.open();
    checkKeepAlive(keepAlive, idleSeconds);
  }

  /** Breaks the connection, as if the peer had sent a reset. */
  reset(): void {
    this.open().reset('ECONNRESET');
  }
}

/** Checks the arguments of `setKeepAlive`. */
export function checkKeepAlive(keepAlive: boolean, idleSeconds: number | undefined): void {
  checkBoolean('keepAlive', keepAlive);
  if (idleSeconds !== undefined) {
    checkInteger('idleSeconds', idleSeconds, 1, 32_767);
  }
}
