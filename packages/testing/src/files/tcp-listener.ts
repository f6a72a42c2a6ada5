import { checkBoolean, checkOptions, outOfRange } from '@em/core/check';
import type { FdTable } from '../fd-table.js';
import { ListenerFile, type Waiting } from './listener-file.js';
import {
  checkAddress,
  type FakeBindOptions,
  type FakeConnectOptions,
  type FakeSocketAddress,
  familyOf,
  type Ports,
} from './ports.js';
import { FakeSocket } from './socket.js';
import { TcpStreamFile } from './stream-file.js';
import { checkKeepAlive, FakeTcpStream } from './tcp-stream.js';
import { checkBacklog } from './unix-listener.js';

/** Options of `FakePoller.tcpListener`: the `ListenOptions` of `@em/sys`. */
export interface FakeListenOptions extends FakeBindOptions {
  /** How many connections may wait to be accepted. Defaults to 511. */
  readonly backlog?: number | undefined;
}

/** The two ends of a connection: where the client is, and where the server is. */
interface Ends {
  readonly client: FakeSocketAddress;
  readonly server: FakeSocketAddress;
}

export type TcpListenerFile = ListenerFile<TcpStreamFile, Ends>;

/** A fake of `TcpListener` of `@em/sys`. {@link FakeSocket} says what every method throws. */
export class FakeTcpListener extends FakeSocket<TcpListenerFile> {
  readonly #address: FakeSocketAddress;

  private constructor(fds: FdTable, file: TcpListenerFile, address: FakeSocketAddress) {
    super(fds, file);
    this.#address = address;
  }

  static listen(fds: FdTable, ports: Ports<TcpListenerFile>, options: FakeListenOptions): FakeTcpListener {
    const {
      host,
      port,
      backlog,
      reusePort = false,
      ipv6Only = false,
    } = checkOptions('options', options, ['host', 'port', 'backlog', 'reusePort', 'ipv6Only']);
    const at = checkAddress(host, port);
    const file: TcpListenerFile = new ListenerFile(checkBacklog(backlog), () => ports.release(file));
    const isShared = checkBoolean('reusePort', reusePort);
    const address = ports.bind(file, at, isShared, checkBoolean('ipv6Only', ipv6Only));
    return new FakeTcpListener(fds, file, address);
  }

  /** Connects a stream: at once, or it fails at once. */
  static connect(fds: FdTable, ports: Ports<TcpListenerFile>, options: FakeConnectOptions): FakeTcpStream {
    const { host, port } = checkOptions('options', options, ['host', 'port']);
    const { address } = checkAddress(host, port);
    if (port === 0) {
      throw outOfRange('port', 'an integer from 1 to 65535', port);
    }
    const server: FakeSocketAddress = { address, family: familyOf(address), port };
    const client: FakeSocketAddress = { ...server, port: ports.freePort() };
    const file = new TcpStreamFile();
    const stream = FakeTcpStream.create(fds, file, client, server);
    const listeners = ports.find(address, port);
    const listener = listeners[client.port % listeners.length];
    if (listener === undefined) {
      file.reset('ECONNREFUSED');
      return stream;
    }
    const connect = (): Waiting<TcpStreamFile, Ends> => {
      const accepted = new TcpStreamFile();
      file.connect(accepted);
      return { file: accepted, remote: { client, server } };
    };
    if (listener.isFull) {
      file.isConnecting = true;
      listener.putLater(connect);
    } else {
      listener.put(connect());
    }
    return stream;
  }

  override dup(): FakeTcpListener {
    return new FakeTcpListener(this.fds, this.open(), this.#address);
  }

  /** The address that it listens at. */
  get address(): FakeSocketAddress {
    this.open();
    return this.#address;
  }

  /**
   * Accepts a connection.
   *
   * @returns `undefined` if no connection is waiting: it would block.
   * @throws SystemError `EMFILE` if there are too many open files: the connection goes on waiting.
   */
  accept(): FakeTcpStream | undefined {
    const file = this.open();
    this.fds.assertRoom('accept');
    const waiting = file.accept();
    return waiting && FakeTcpStream.create(this.fds, waiting.file, waiting.remote.server, waiting.remote.client);
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
}
