import { EventSet, type FdLike } from '@em/core';
import { checkBoolean } from '@em/core/check';
import { systemError } from '../errors.js';
import type { FdTable } from '../fd-table.js';
import { partOf } from './arguments.js';
import { costOf, DatagramFile } from './datagram-file.js';
import { copied, type FakeDatagram, FakeDatagramSocket } from './datagram-socket.js';
import type { OpenFile } from './open-file.js';
import { type FakeMessageWithFds, filesOf, install, OWN_CREDENTIALS } from './passed-files.js';
import { isPeek } from './socket.js';
import { checkPath, type FakeUnixAddress, type FakeUnixName, pathOf, type UnixNames } from './unix-names.js';

/** `net.unix.max_dgram_qlen`. One more message fits: `unix_recvq_full`. */
const MAX_QUEUED = 10;
/** A message is smaller than the send buffer by the overhead of the kernel: `unix_dgram_sendmsg`. */
const MAX_OVERHEAD_BYTES = 32;

/** A unix datagram socket. See net/unix/af_unix.c. */
class UnixDatagramFile extends DatagramFile<FakeUnixName | undefined> {
  readonly #names: UnixNames;
  /** Where it sends to. It may be closed. */
  peer: UnixDatagramFile | undefined;
  name: FakeUnixName | undefined;
  #sentBytes = 0;
  #isClosed = false;
  /** The sockets that are connected to this one and wait for room in its queue. */
  readonly #waiting = new Set<UnixDatagramFile>();

  constructor(names: UnixNames) {
    super();
    this.#names = names;
  }

  get #isFull(): boolean {
    return this.queue.length > MAX_QUEUED;
  }

  protected override get isWritable(): boolean {
    return this.#sentBytes <= this.sendBufferBytes / 4 && !this.#mustWaitFor(this.peer);
  }

  /** `to` says where to: it is called after the memory is taken, and throws if there is no such socket. */
  send(bytes: Uint8Array, to: () => UnixDatagramFile, files: readonly OpenFile[] = []): number | undefined {
    if (bytes.length > this.sendBufferBytes - MAX_OVERHEAD_BYTES) {
      throw systemError('EMSGSIZE', 'sendmsg');
    }
    this.throwError('sendmsg');
    if (this.#sentBytes >= this.sendBufferBytes) {
      return undefined;
    }
    const cost = costOf(bytes);
    this.#sentBytes += cost;
    let isSent = false;
    try {
      const receiver = to();
      isSent = this.#maySendTo(receiver);
      if (isSent) {
        for (const file of files) {
          file.fdOpened();
        }
        receiver.deliver({ bytes: bytes.slice(), from: this.name, files, onTaken: () => this.#free(cost) });
      }
    } finally {
      // A message that is not sent frees its memory, which is an edge for OUT.
      if (!isSent) {
        this.#free(cost);
      }
    }
    return isSent ? bytes.length : undefined;
  }

  protected override wasTaken(): void {
    for (const sender of this.#waiting) {
      sender.wakeUp(EventSet.OUT);
    }
    this.#waiting.clear();
  }

  protected override release(): void {
    this.#isClosed = true;
    this.#names.release(this);
    for (const sender of this.#waiting) {
      sender.wakeUp(EventSet.EMPTY);
    }
    this.#waiting.clear();
    // The end of a pair can no longer be sent to, which it notices when it sends.
    this.peer = undefined;
    this.drop();
  }

  /** Returns `false` if the receiver has no room. */
  #maySendTo(to: UnixDatagramFile): boolean {
    if (to.#isClosed) {
      // Only the peer can be closed: a name is looked up. The kernel also drops what has been received from it.
      this.peer = undefined;
      this.drop();
      throw systemError('ECONNREFUSED', 'sendmsg');
    }
    return !this.#mustWaitFor(to);
  }

  /** Whether a receiver has no room. If it is the peer, it wakes this socket when it has. */
  #mustWaitFor(to: UnixDatagramFile | undefined): boolean {
    const mustWait = to !== undefined && to.peer !== this && to.#isFull;
    if (mustWait && to === this.peer) {
      to.#waiting.add(this);
    }
    return mustWait;
  }

  #free(cost: number): void {
    this.#sentBytes -= cost;
    if (this.#sentBytes <= this.sendBufferBytes / 4) {
      this.wakeUp(EventSet.OUT);
    }
  }
}

/**
 * A fake of `UnixDatagram` of `@em/sys`. A receiver holds 11 messages, unless the sender is its peer.
 *
 * {@link FakeSocket} says what every method throws.
 */
export class FakeUnixDatagram extends FakeDatagramSocket<FakeUnixName | undefined, UnixDatagramFile> {
  readonly #names: UnixNames;
  #credentials = false;

  private constructor(fds: FdTable, names: UnixNames, file: UnixDatagramFile) {
    super(fds, file);
    this.#names = names;
  }

  static override bind(fds: FdTable, names: UnixNames, options: FakeUnixAddress): FakeUnixDatagram {
    const file = new UnixDatagramFile(names);
    file.name = names.bind(pathOf(options), file);
    return new FakeUnixDatagram(fds, names, file);
  }

  static connect(fds: FdTable, names: UnixNames, options: FakeUnixAddress): FakeUnixDatagram {
    const file = new UnixDatagramFile(names);
    file.peer = receiver(names, pathOf(options), 'connect');
    return new FakeUnixDatagram(fds, names, file);
  }

  static pair(fds: FdTable, names: UnixNames): [FakeUnixDatagram, FakeUnixDatagram] {
    const [one, other] = [new UnixDatagramFile(names), new UnixDatagramFile(names)];
    one.peer = other;
    other.peer = one;
    return [new FakeUnixDatagram(fds, names, one), new FakeUnixDatagram(fds, names, other)];
  }

  override dup(): FakeUnixDatagram {
    return new FakeUnixDatagram(this.fds, this.#names, this.open());
  }

  /** The name of this socket; `undefined` if it has none. */
  get localAddress(): FakeUnixName | undefined {
    return this.open().name;
  }

  /** The name of the peer. @throws SystemError `ENOTCONN` if the socket is not connected. */
  get remoteAddress(): FakeUnixName | undefined {
    const { peer } = this.open();
    if (peer === undefined) {
      throw systemError('ENOTCONN', 'getpeername', this.fd);
    }
    return peer.name;
  }

  /**
   * Sends one message, which may be empty, to a path or abstract name.
   *
   * @returns The number of bytes, always `length`; `undefined` if the receiver has no room: it would block. No event
   * follows when it has room again; only a connected socket reports that, as `OUT`.
   * @throws SystemError `ECONNREFUSED` if no socket is bound there, `ENOENT` if there is no such file, `EMSGSIZE`
   * if the message is too long.
   */
  sendTo(path: string | Uint8Array, buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const file = this.open();
    checkPath(path);
    return file.send(partOf(buffer, offset, length), () => receiver(this.#names, path, 'sendmsg'));
  }

  /**
   * Receives one message and the name of its sender.
   *
   * @param flags - `MSG_PEEK`, 2, leaves the message in place. Defaults to 0.
   * @returns `undefined` if there is no message: it would block.
   */
  receiveFrom(
    buffer: Uint8Array,
    offset: number = 0,
    length?: number,
    flags: number = 0,
  ): FakeDatagram<FakeUnixName | undefined> | undefined {
    const received = this.receiveInto(partOf(buffer, offset, length), flags);
    return received && this.#credentials ? { ...received, credentials: OWN_CREDENTIALS } : received;
  }

  /**
   * Sends one message with fds of the fake to the peer. The peer gets its own fds for the same open files.
   *
   * @throws The same as `send`; SystemError `EBADF` if an fd is not open.
   */
  sendFds(fds: readonly FdLike[], buffer: Uint8Array): number | undefined {
    const bytes = partOf(buffer, 0, undefined);
    const file = this.open();
    return file.send(bytes, () => peerOf(file), filesOf(this.fds, fds));
  }

  /**
   * Receives one message, the name of its sender, and the fds that came with it.
   *
   * @param maxFds - Maximum number of fds to receive, 0 to 253. Defaults to 253.
   * @returns `undefined` if there is no message: it would block.
   */
  receiveFds(
    buffer: Uint8Array,
    maxFds?: number,
    flags: number = 0,
  ): (FakeDatagram<FakeUnixName | undefined> & FakeMessageWithFds) | undefined {
    const into = partOf(buffer, 0, undefined);
    const isPeeked = isPeek(flags);
    const message = this.open().take(isPeeked);
    return (
      message && {
        ...copied(message, into, this.#credentials),
        ...install(this.fds, message.files, isPeeked, maxFds),
      }
    );
  }

  /** Makes `receiveFrom` and `receiveFds` report `credentials`. */
  setCredentials(credentials: boolean): void {
    this.open();
    this.#credentials = checkBoolean('credentials', credentials);
  }

  protected override sendBytes(bytes: Uint8Array): number | undefined {
    const file = this.open();
    return file.send(bytes, () => peerOf(file));
  }
}

function peerOf({ peer }: UnixDatagramFile): UnixDatagramFile {
  if (peer === undefined) {
    throw systemError('ENOTCONN', 'sendmsg');
  }
  return peer;
}

function receiver(names: UnixNames, path: string | Uint8Array, syscall: string): UnixDatagramFile {
  const { file } = names.find(path, syscall);
  if (!(file instanceof UnixDatagramFile)) {
    throw systemError('EPROTOTYPE', syscall);
  }
  return file;
}
