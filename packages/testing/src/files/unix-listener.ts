import { checkInteger, checkOptions } from '@em/core/check';
import { systemError } from '../errors.js';
import type { FdTable } from '../fd-table.js';
import { ListenerFile } from './listener-file.js';
import { FakeSocket } from './socket.js';
import { UnixStreamFile } from './stream-file.js';
import { type FakeUnixAddress, type FakeUnixName, pathOf, type UnixNames } from './unix-names.js';
import { FakeUnixStream } from './unix-stream.js';

const DEFAULT_BACKLOG = 511;

/** Options of `FakePoller.unixListener`: the `UnixListenOptions` of `@em/sys`. */
export interface FakeUnixListenOptions extends FakeUnixAddress {
  /** How many connections may wait to be accepted. Defaults to 511. */
  readonly backlog?: number | undefined;
}

type UnixListenerFile = ListenerFile<UnixStreamFile, undefined>;

/** A fake of `UnixListener` of `@em/sys`. {@link FakeSocket} says what every method throws. */
export class FakeUnixListener extends FakeSocket<UnixListenerFile> {
  readonly #name: FakeUnixName;

  private constructor(fds: FdTable, file: UnixListenerFile, name: FakeUnixName) {
    super(fds, file);
    this.#name = name;
  }

  static listen(fds: FdTable, names: UnixNames, options: FakeUnixListenOptions): FakeUnixListener {
    const { path, backlog } = checkOptions('options', options, ['path', 'backlog']);
    const file: UnixListenerFile = new ListenerFile(checkBacklog(backlog), () => names.release(file));
    const name = names.bind(path, file);
    return new FakeUnixListener(fds, file, name);
  }

  /** Connects a stream. Returns `undefined` if the listener has no room. */
  static connect(fds: FdTable, names: UnixNames, options: FakeUnixAddress): FakeUnixStream | undefined {
    const { file, name } = names.find(pathOf(options), 'connect');
    if (!(file instanceof ListenerFile)) {
      throw systemError('EPROTOTYPE', 'connect');
    }
    if (file.isFull) {
      return undefined;
    }
    const [client, server] = [new UnixStreamFile(), new UnixStreamFile()];
    client.link(server);
    const stream = FakeUnixStream.create(fds, client, undefined, name);
    (file as UnixListenerFile).put({ file: server, remote: undefined });
    return stream;
  }

  override dup(): FakeUnixListener {
    return new FakeUnixListener(this.fds, this.open(), this.#name);
  }

  /** The name that it listens at. */
  get address(): FakeUnixName | undefined {
    this.open();
    return this.#name;
  }

  /**
   * Accepts a connection.
   *
   * @returns `undefined` if no connection is waiting: it would block.
   * @throws SystemError `EMFILE` if there are too many open files: the connection goes on waiting.
   */
  accept(): FakeUnixStream | undefined {
    const file = this.open();
    this.fds.assertRoom('accept');
    const waiting = file.accept();
    return waiting && FakeUnixStream.create(this.fds, waiting.file, this.#name);
  }
}

/** Checks a backlog. */
export function checkBacklog(backlog: number = DEFAULT_BACKLOG): number {
  return checkInteger('backlog', backlog, 0, 0x7fff_ffff);
}
