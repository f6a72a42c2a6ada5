import type { FdLike } from '@em/core';
import { checkBoolean, outOfRange } from '@em/core/check';
import { systemError } from '../errors.js';
import type { FdTable } from '../fd-table.js';
import { partOf, roomIn } from './arguments.js';
import { type FakeCredentials, type FakeMessageWithFds, filesOf, install, OWN_CREDENTIALS } from './passed-files.js';
import { isPeek } from './socket.js';
import { UnixStreamFile } from './stream-file.js';
import { FakeStreamSocket } from './stream-socket.js';
import type { FakeUnixName } from './unix-names.js';

/** A fake of `UnixStream` of `@em/sys`. {@link FakeSocket} says what every method throws. */
export class FakeUnixStream extends FakeStreamSocket<UnixStreamFile> {
  readonly #names: { readonly local: FakeUnixName | undefined; readonly remote: FakeUnixName | undefined };
  #credentials = false;

  private constructor(
    fds: FdTable,
    file: UnixStreamFile,
    local: FakeUnixName | undefined,
    remote: FakeUnixName | undefined,
  ) {
    super(fds, file);
    this.#names = { local, remote };
  }

  static pair(fds: FdTable): [FakeUnixStream, FakeUnixStream] {
    const [one, other] = [new UnixStreamFile(), new UnixStreamFile()];
    one.link(other);
    return [FakeUnixStream.create(fds, one), FakeUnixStream.create(fds, other)];
  }

  static create(fds: FdTable, file: UnixStreamFile, local?: FakeUnixName, remote?: FakeUnixName): FakeUnixStream {
    return new FakeUnixStream(fds, file, local, remote);
  }

  override dup(): FakeUnixStream {
    return new FakeUnixStream(this.fds, this.open(), this.#names.local, this.#names.remote);
  }

  /** The name of this end, which usually has none. */
  get localAddress(): FakeUnixName | undefined {
    this.open();
    return this.#names.local;
  }

  /** The name of the other end. @throws SystemError `ENOTCONN` if it has gone. */
  get remoteAddress(): FakeUnixName | undefined {
    if (this.open().peer === undefined) {
      throw systemError('ENOTCONN', 'getpeername', this.fd);
    }
    return this.#names.remote;
  }

  /** The process at the other end. All fakes belong to one process. */
  get peerCredentials(): FakeCredentials {
    this.open();
    return OWN_CREDENTIALS;
  }

  /**
   * Sends bytes, and fds of the fake with the first byte. The peer gets its own fds for the same open files.
   *
   * @param buffer - At least one byte.
   * @returns The number of bytes sent; `undefined` if it would block: nothing was sent.
   * @throws SystemError `EBADF` if an fd is not open, `EPIPE`.
   */
  sendFds(fds: readonly FdLike[], buffer: Uint8Array): number | undefined {
    const bytes = partOf(buffer, 0, undefined);
    if (bytes.length === 0) {
      throw outOfRange('buffer', 'at least one byte, to carry the fds', buffer);
    }
    return this.open().write(bytes, filesOf(this.fds, fds));
  }

  /**
   * Receives bytes, up to the end of what one `sendFds` sent, and the fds that came with them.
   *
   * @param maxFds - Maximum number of fds to receive, 0 to 253. Defaults to 253.
   * @returns `undefined` if it would block. The `length` is 0 if the peer will send no more.
   */
  receiveFds(buffer: Uint8Array, maxFds?: number, flags: number = 0): FakeMessageWithFds | undefined {
    const isPeeked = isPeek(flags);
    const received = this.open().read(roomIn(buffer, 0, undefined), isPeeked);
    return (
      received && {
        length: received.length,
        truncated: false,
        ...(this.#credentials && { credentials: OWN_CREDENTIALS }),
        ...install(this.fds, received.files, isPeeked, maxFds),
      }
    );
  }

  /** Makes {@link FakeUnixStream.receiveFds} report `credentials`. */
  setCredentials(credentials: boolean): void {
    this.open();
    this.#credentials = checkBoolean('credentials', credentials);
  }
}
