import type { InetAddress } from '../../src/ports.js';
import type {
  Adopt,
  InetOptions,
  SocketKind,
  SocketLayer,
  TcpListener,
  UdpSocket,
  UnixgramSocket,
  UnixListener,
} from '../../src/sockets/socket-layer.js';
import { systemError } from './system-error.js';

/** A socket that only records the calls. */
class FakeOpenSocket<Place> {
  readonly fd: number;
  readonly address: Place;
  readonly localAddress: Place;
  noDelay = false;
  /** In seconds. */
  keepAlive: number | undefined;
  packetInfo = false;
  sendBufferBytes: number | undefined;
  coalescing = false;
  receiveBufferBytes = 0;
  closed = false;

  constructor(fd: number, place: Place) {
    this.fd = fd;
    this.address = this.localAddress = place;
  }

  setNoDelay(noDelay: boolean): void {
    this.noDelay = noDelay;
  }

  setKeepAlive(keepAlive: boolean, idleSeconds: number): void {
    this.keepAlive = keepAlive ? idleSeconds : undefined;
  }

  setSendBufferBytes(bytes: number): void {
    this.sendBufferBytes = bytes;
  }

  setPacketInfo(packetInfo: boolean): void {
    this.packetInfo = packetInfo;
  }

  setReceiveBufferBytes(bytes: number): void {
    this.receiveBufferBytes = bytes;
  }

  setCoalescing(coalescing: boolean): boolean {
    this.coalescing = coalescing;
    return coalescing;
  }

  accept(): undefined {
    return undefined;
  }

  receiveMany(): undefined {
    return undefined;
  }

  sendMany(): undefined {
    return undefined;
  }

  sendTo(): undefined {
    return undefined;
  }

  close(): void {
    this.closed = true;
  }
}

const FREE_PORT = 40_000;

/** Opens fake sockets, and records them. */
export class FakeSocketLayer implements SocketLayer {
  readonly opened: FakeOpenSocket<unknown>[] = [];
  readonly asked: object[] = [];
  /** The code of the error when opening, by path, port or fd. */
  readonly failures = new Map<string | number, string>();
  /** The inherited sockets, by fd. */
  readonly kinds = new Map<number, SocketKind>();

  readonly adopt: Adopt = {
    tcp: (fd) => this.#open({ address: '10.0.0.1', port: fd }, fd),
    udp: (fd) => this.#open({ address: '10.0.0.1', port: fd }, fd),
    unix: (fd) => this.#open(`/run/${fd}`, fd),
    unixgram: (fd) => this.#open(`\0${fd}`, fd),
  };

  listenTcp(options: InetOptions & { readonly backlog: number }): TcpListener {
    return this.#openInet(options);
  }

  bindUdp(options: InetOptions): UdpSocket {
    return this.#openInet(options);
  }

  listenUnix(options: { readonly path: string; readonly backlog: number }): UnixListener {
    this.#ask(options, options.path);
    return this.#open(options.path);
  }

  bindUnixgram(options: { readonly path: string }): UnixgramSocket {
    this.#ask(options, options.path);
    return this.#open(options.path);
  }

  probe(): void {
    throw systemError('ECONNREFUSED');
  }

  kindOf(fd: number): SocketKind {
    const kind = this.kinds.get(fd);
    if (kind === undefined) {
      throw systemError('EBADF');
    }
    return kind;
  }

  #openInet(options: InetOptions): FakeOpenSocket<InetAddress> {
    this.#ask(options, options.port);
    return this.#open({ address: options.host, port: options.port || FREE_PORT + this.opened.length });
  }

  #ask(options: object, key: string | number): void {
    this.asked.push(options);
    const code = this.failures.get(key);
    if (code !== undefined) {
      throw systemError(code);
    }
  }

  #open<Place>(place: Place, fd: number = this.opened.length): FakeOpenSocket<Place> {
    const socket = new FakeOpenSocket(fd, place);
    this.opened.push(socket);
    return socket;
  }
}
