import { checkInteger, invalidType, outOfRange } from '@em/core/check';
import { systemError } from '../errors.js';
import type { OpenFile } from './open-file.js';

/** `net.ipv4.ip_local_port_range`. */
const FIRST_FREE_PORT = 32_768;
const LAST_FREE_PORT = 60_999;
const MAX_PORT = 0xffff;

/** The address of an IP socket: the `SocketAddress` of `@em/sys`. */
export interface FakeSocketAddress {
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly port: number;
}

/** Where a TCP or UDP socket can be bound to: options of `FakePoller.udp` and `FakePoller.tcpListener`. */
export interface FakeBindOptions {
  /** An IP address: `'0.0.0.0'` for all of IPv4, `'::'` for all. Addresses are compared as text. */
  readonly host: string;
  /** 0 to 65535. With 0, a free port is chosen. */
  readonly port: number;
  /** Lets several sockets bind to this address, if all set this option. They get what is sent to it by sender. */
  readonly reusePort?: boolean | undefined;
  /** Excludes IPv4 if the host is `'::'`. */
  readonly ipv6Only?: boolean | undefined;
}

/** Where a TCP or UDP socket connects to: the `ConnectOptions` of `@em/sys`. */
export interface FakeConnectOptions {
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

interface Binding<F extends OpenFile> {
  readonly file: F;
  readonly at: FakeSocketAddress;
  readonly isShared: boolean;
  readonly ipv6Only: boolean;
}

/** The ports of a transport, TCP or UDP. All addresses are those of one machine. */
export class Ports<F extends OpenFile> {
  readonly #bindings = new Map<F, Binding<F>>();
  #lastFree = FIRST_FREE_PORT - 1;

  /** @throws SystemError `EADDRINUSE` if another socket has the address, and not both share it. */
  bind(
    file: F,
    { address, port }: { address: string; port: number },
    isShared: boolean,
    ipv6Only = false,
  ): FakeSocketAddress {
    const at: FakeSocketAddress = { address, family: familyOf(address), port: port || this.freePort() };
    const binding = { file, at, isShared, ipv6Only };
    for (const other of this.#bindings.values()) {
      if (other.at.port === at.port && overlap(other, binding) && !(isShared && other.isShared)) {
        throw systemError('EADDRINUSE', 'bind');
      }
    }
    this.#bindings.set(file, binding);
    return at;
  }

  release(file: F): void {
    this.#bindings.delete(file);
  }

  /** The sockets that are bound to an address: those with this very address if there are any, or else with all. */
  find(address: string, port: number): F[] {
    const bound = [...this.#bindings.values()].filter(({ at }) => at.port === port);
    const exact = bound.filter(({ at }) => at.address === address);
    const family = familyOf(address);
    const found = exact.length > 0 ? exact : bound.filter((binding) => isAll(binding) && accepts(binding, family));
    return found.map(({ file }) => file);
  }

  /** The sockets that are bound to a port. */
  bound(port: number): F[] {
    return [...this.#bindings.values()].filter(({ at }) => at.port === port).map(({ file }) => file);
  }

  /** Returns a port that no socket is bound to. */
  freePort(): number {
    const taken = new Set([...this.#bindings.values()].map(({ at }) => at.port));
    do {
      this.#lastFree = this.#lastFree >= LAST_FREE_PORT ? FIRST_FREE_PORT : this.#lastFree + 1;
    } while (taken.has(this.#lastFree));
    return this.#lastFree;
  }
}

/** Checks an IP address and a port. */
export function checkAddress(host: unknown, port: unknown, name: string = 'host'): { address: string; port: number } {
  if (typeof host !== 'string') {
    throw invalidType(name, 'a string', host);
  }
  if (!/^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f:.]*:[\da-f:.]*(?:%\d+)?)$/i.test(host)) {
    throw outOfRange(name, 'an IP address, such as 127.0.0.1 or ::1', host);
  }
  return { address: host, port: checkInteger('port', port, 0, MAX_PORT) };
}

/** The address that a socket of this machine sends from to a place. */
export function sourceFor(bound: FakeSocketAddress, to: string): FakeSocketAddress {
  return isAnyAddress(bound.address) ? { ...bound, address: to, family: familyOf(to) } : bound;
}

export function familyOf(address: string): 'IPv4' | 'IPv6' {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

function isAnyAddress(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function isAll({ at }: Binding<OpenFile>): boolean {
  return isAnyAddress(at.address);
}

function accepts({ at, ipv6Only }: Binding<OpenFile>, family: 'IPv4' | 'IPv6'): boolean {
  return at.family === family || (at.address === '::' && !ipv6Only);
}

function overlap(one: Binding<OpenFile>, other: Binding<OpenFile>): boolean {
  return (
    one.at.address === other.at.address ||
    (isAll(one) && accepts(one, other.at.family)) ||
    (isAll(other) && accepts(other, one.at.family))
  );
}
