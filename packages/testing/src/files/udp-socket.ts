import { EventSet } from '@em/core';
import { checkBoolean, checkInteger, checkObject, checkOptions, outOfRange } from '@em/core/check';
import type { SystemError } from '../errors.js';
import { systemError } from '../errors.js';
import type { FdTable } from '../fd-table.js';
import { partOf } from './arguments.js';
import { costOf, DatagramFile } from './datagram-file.js';
import { type FakeDatagram, FakeDatagramSocket } from './datagram-socket.js';
import {
  checkAddress,
  type FakeBindOptions,
  type FakeConnectOptions,
  type FakeSocketAddress,
  familyOf,
  type Ports,
  sourceFor,
} from './ports.js';

/** The longest datagram over IPv4: 65,535 bytes less the headers of IP and UDP. */
const MAX_BYTES = 65_507;
const BROADCAST = '255.255.255.255';

/** Options of `FakePoller.udp`: the `UdpBindOptions` of `@em/sys`. */
export interface FakeUdpOptions extends FakeBindOptions {
  /** Lets several sockets bind to this address, if all set this option. */
  readonly reuseAddress?: boolean | undefined;
}

/** The sender or the receiver of a datagram: the `UdpPeer` of `@em/sys`. */
export interface FakeUdpPeer extends FakeSocketAddress {
  /** The address that the peer sent to, if it is that of one machine. Present only after `setPacketInfo`. */
  readonly local?: string | undefined;
}

/** An entry of the error queue: the `QueuedError` of `@em/sys`. The fake has none. */
export interface FakeQueuedError {
  readonly length: number;
  readonly truncated: boolean;
  readonly credentials?: { readonly pid: number; readonly uid: number; readonly gid: number } | undefined;
  readonly error: SystemError;
  readonly origin: number;
  readonly type: number;
  readonly code: number;
  readonly info: number;
  readonly to: FakeSocketAddress | undefined;
  readonly offender: FakeSocketAddress | undefined;
}

/** A UDP socket. All sockets are on one machine, so that a datagram arrives before `send` returns. See net/ipv4/udp.c. */
export class UdpFile extends DatagramFile<FakeUdpPeer> {
  readonly #ports: Ports<UdpFile>;
  local: FakeSocketAddress;
  remote: FakeSocketAddress | undefined;
  hasPacketInfo = false;
  mayBroadcast = false;
  readonly groups: Set<string> = new Set();
  #queuedBytes = 0;

  constructor(ports: Ports<UdpFile>, at: { address: string; port: number }, isShared = false, ipv6Only = false) {
    super();
    this.#ports = ports;
    this.local = ports.bind(this, at, isShared, ipv6Only);
  }

  /** Sent datagrams use no memory: they have arrived, or are lost. */
  protected override get isWritable(): boolean {
    return true;
  }

  send(bytes: Uint8Array, to: { address: string; port: number } | undefined = this.remote, from?: string): number {
    this.throwError('sendmsg');
    if (to === undefined) {
      throw systemError('EDESTADDRREQ', 'sendmsg');
    }
    if (bytes.length > MAX_BYTES) {
      throw systemError('EMSGSIZE', 'sendmsg');
    }
    if (to.port === 0) {
      throw systemError('EINVAL', 'sendmsg');
    }
    if (to.address === BROADCAST && !this.mayBroadcast) {
      throw systemError('EACCES', 'sendmsg');
    }
    const source = from === undefined ? sourceFor(this.local, to.address) : { ...this.local, address: from };
    const receivers = this.#receivers(to, source);
    for (const receiver of receivers) {
      receiver.arrive(bytes, source, to.address);
    }
    if (receivers.length === 0 && this.remote !== undefined && !isGroup(to.address)) {
      this.fail('ECONNREFUSED');
    }
    // The memory of the datagram is free again.
    this.wakeUp(EventSet.OUT);
    return bytes.length;
  }

  arrive(bytes: Uint8Array, source: FakeSocketAddress, to: string): void {
    const isFromPeer =
      this.remote === undefined || (this.remote.address === source.address && this.remote.port === source.port);
    if (!isFromPeer || this.#queuedBytes > this.receiveBufferBytes) {
      return;
    }
    const cost = costOf(bytes);
    this.#queuedBytes += cost;
    this.deliver({
      bytes: bytes.slice(),
      from: this.hasPacketInfo && !isGroup(to) && to !== BROADCAST ? { ...source, local: to } : source,
      files: [],
      onTaken: () => {
        this.#queuedBytes -= cost;
      },
    });
  }

  protected override release(): void {
    this.#ports.release(this);
    this.queue.length = 0;
  }

  /** Several sockets of one address share it by sender. All members of a group get its datagrams. */
  #receivers({ address, port }: { address: string; port: number }, source: FakeSocketAddress): UdpFile[] {
    if (isGroup(address)) {
      return this.#ports.bound(port).filter(({ groups, local }) => groups.has(address) || local.address === address);
    }
    const found = this.#ports.find(address, port);
    const one = found[source.port % found.length];
    return one === undefined ? [] : [one];
  }
}

/** A fake of `UdpSocket` of `@em/sys`. {@link FakeSocket} says what every method throws. */
export class FakeUdpSocket extends FakeDatagramSocket<FakeUdpPeer, UdpFile> {
  static override bind(fds: FdTable, ports: Ports<UdpFile>, options: FakeUdpOptions): FakeUdpSocket {
    const {
      host,
      port,
      reuseAddress = false,
      reusePort = false,
      ipv6Only = false,
    } = checkOptions('options', options, ['host', 'port', 'reuseAddress', 'reusePort', 'ipv6Only']);
    const isShared = checkBoolean('reuseAddress', reuseAddress) || checkBoolean('reusePort', reusePort);
    const at = checkAddress(host, port);
    return new FakeUdpSocket(fds, new UdpFile(ports, at, isShared, checkBoolean('ipv6Only', ipv6Only)));
  }

  static connect(fds: FdTable, ports: Ports<UdpFile>, options: FakeConnectOptions): FakeUdpSocket {
    const { host, port } = checkOptions('options', options, ['host', 'port']);
    const { address } = checkAddress(host, port);
    const file = new UdpFile(ports, { address, port: 0 });
    file.remote = { address, family: familyOf(address), port };
    return new FakeUdpSocket(fds, file);
  }

  override dup(): FakeUdpSocket {
    return new FakeUdpSocket(this.fds, this.open());
  }

  /** The address of this end. */
  get localAddress(): FakeSocketAddress {
    return this.open().local;
  }

  /** The address of the peer. @throws SystemError `ENOTCONN` if the socket is not connected. */
  get remoteAddress(): FakeSocketAddress {
    const { remote } = this.open();
    if (remote === undefined) {
      throw systemError('ENOTCONN', 'getpeername', this.fd);
    }
    return remote;
  }

  /**
   * Sends one datagram, which may be empty. It is lost if no socket is bound there, or the receiver has no room.
   *
   * @param to - With `local`, the datagram leaves from that address.
   * @returns The number of bytes, always `length`.
   * @throws SystemError `EMSGSIZE` if it is longer than 65,507 bytes; `EACCES` for the broadcast address without
   * {@link FakeUdpSocket.setBroadcast}; `EAFNOSUPPORT` for an IPv6 address from an IPv4 socket; `EINVAL` for port 0.
   */
  sendTo(
    to: Pick<FakeUdpPeer, 'address' | 'port' | 'local'>,
    buffer: Uint8Array,
    offset: number = 0,
    length?: number,
  ): number | undefined {
    const file = this.open();
    const { address, port, local } = checkObject('to', to);
    checkAddress(address, port, 'address');
    if (local !== undefined && familyOf(checkAddress(local, 0, 'local').address) !== familyOf(address)) {
      throw outOfRange('local', `an ${familyOf(address)} address`, local);
    }
    if (familyOf(address) === 'IPv6' && file.local.family === 'IPv4') {
      throw systemError('EAFNOSUPPORT', 'sendmsg', this.fd);
    }
    return file.send(partOf(buffer, offset, length), { address, port }, local);
  }

  /**
   * Receives one datagram and the address of its sender.
   *
   * @param flags - `MSG_PEEK`, 2, leaves the datagram in place. Defaults to 0.
   * @returns `undefined` if there is no datagram: it would block.
   * @throws SystemError `ECONNREFUSED` if the peer of a connected socket does not listen at the port.
   */
  receiveFrom(
    buffer: Uint8Array,
    offset: number = 0,
    length?: number,
    flags: number = 0,
  ): FakeDatagram<FakeUdpPeer> | undefined {
    return this.receiveInto(partOf(buffer, offset, length), flags);
  }

  /** Returns `undefined`: the fake keeps no error queue. */
  receiveError(buffer: Uint8Array, offset: number = 0, length?: number): FakeQueuedError | undefined {
    partOf(buffer, offset, length);
    this.open();
    return undefined;
  }

  /** Makes {@link FakeUdpSocket.receiveFrom} report, as `from.local`, the address that a datagram was sent to. */
  setPacketInfo(packetInfo: boolean): void {
    this.open().hasPacketInfo = checkBoolean('packetInfo', packetInfo);
  }

  /**
   * Joins a multicast group: the socket receives what is sent to the group at its port.
   *
   * @throws SystemError `EINVAL` if it is not a multicast address; `EADDRINUSE` if the socket has joined already.
   */
  joinMulticast(group: string, interfaceIndex: number = 0): void {
    const { groups } = this.#checkGroup(group, interfaceIndex, 'EINVAL');
    if (groups.has(group)) {
      throw systemError('EADDRINUSE', 'setsockopt', this.fd);
    }
    groups.add(group);
  }

  /** Leaves a multicast group. @throws SystemError `EADDRNOTAVAIL` if the socket is not in the group. */
  leaveMulticast(group: string, interfaceIndex: number = 0): void {
    if (!this.#checkGroup(group, interfaceIndex, 'EADDRNOTAVAIL').groups.delete(group)) {
      throw systemError('EADDRNOTAVAIL', 'setsockopt', this.fd);
    }
  }

  /** Allows sending to the broadcast address. */
  setBroadcast(broadcast: boolean): void {
    this.open().mayBroadcast = checkBoolean('broadcast', broadcast);
  }

  protected override sendBytes(bytes: Uint8Array): number | undefined {
    return this.open().send(bytes);
  }

  #checkGroup(group: string, interfaceIndex: number, otherwise: 'EINVAL' | 'EADDRNOTAVAIL'): UdpFile {
    checkInteger('interfaceIndex', interfaceIndex, 0, 0x7fff_ffff);
    if (!isGroup(checkAddress(group, 0, 'group').address)) {
      throw systemError(otherwise, 'setsockopt', this.fd);
    }
    return this.open();
  }
}

/** Whether it is a multicast address. */
function isGroup(address: string): boolean {
  return /^(?:22[4-9]|23\d)\.|^ff[\da-f]{2}:/i.test(address);
}
