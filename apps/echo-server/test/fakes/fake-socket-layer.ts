import type { DatagramSocket, InetAddress, StreamListener, UdpSocket } from '../../src/ports.js';
import type { InetOptions, SocketLayer, TcpListener } from '../../src/sockets/socket-layer.js';
import { systemError } from './system-error.js';

/** A socket that does nothing but remember. */
class FakeOpenSocket implements StreamListener {
  readonly fd: number;
  closed = false;

  constructor(fd: number) {
    this.fd = fd;
  }

  accept(): undefined {
    return undefined;
  }

  close(): void {
    this.closed = true;
  }
}

class FakeUnixgram extends FakeOpenSocket implements DatagramSocket<string> {
  receiveFrom(): undefined {
    return undefined;
  }

  sendTo(): undefined {
    return undefined;
  }
}

class FakeUdp extends FakeOpenSocket implements UdpSocket {
  readonly localAddress: InetAddress;

  constructor(fd: number, address: string, port: number) {
    super(fd);
    this.localAddress = { address, port };
  }

  receiveFrom(): undefined {
    return undefined;
  }

  sendTo(): undefined {
    return undefined;
  }
}

class FakeTcpListener extends FakeOpenSocket implements TcpListener {
  readonly address: InetAddress;
  noDelay = false;

  constructor(fd: number, address: string, port: number) {
    super(fd);
    this.address = { address, port };
  }

  setNoDelay(noDelay: boolean): void {
    this.noDelay = noDelay;
  }
}

const FREE_PORT = 40_000;

/** Opens sockets that are none, and remembers them. */
export class FakeSocketLayer implements SocketLayer {
  readonly opened: FakeOpenSocket[] = [];
  readonly asked: object[] = [];
  /** Which code opening fails with, by path or port. */
  readonly failures = new Map<string | number, string>();

  listenTcp(options: InetOptions & { readonly backlog: number }): FakeTcpListener {
    this.#ask(options, options.port);
    return this.#open((fd) => new FakeTcpListener(fd, options.host, options.port || FREE_PORT + fd));
  }

  bindUdp(options: InetOptions): FakeUdp {
    this.#ask(options, options.port);
    return this.#open((fd) => new FakeUdp(fd, options.host, options.port || FREE_PORT + fd));
  }

  listenUnix(options: { readonly path: string; readonly backlog: number }): FakeOpenSocket {
    this.#ask(options, options.path);
    return this.#open((fd) => new FakeOpenSocket(fd));
  }

  bindUnixgram(options: { readonly path: string }): FakeUnixgram {
    this.#ask(options, options.path);
    return this.#open((fd) => new FakeUnixgram(fd));
  }

  knock(): void {
    throw systemError('ECONNREFUSED');
  }

  #ask(options: object, key: string | number): void {
    this.asked.push(options);
    const code = this.failures.get(key);
    if (code !== undefined) {
      throw systemError(code);
    }
  }

  #open<S extends FakeOpenSocket>(make: (fd: number) => S): S {
    const socket = make(this.opened.length);
    this.opened.push(socket);
    return socket;
  }
}
