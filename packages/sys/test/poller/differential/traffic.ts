import type { ShutdownHow } from '@em/testing';
import type { Amount, Kind } from './program.js';
import type { World, WorldFd } from './world.js';

/** Amounts for eventfds. The last one fills an eventfd that is at 0. */
const COUNTS: Record<Amount, bigint> = { nothing: 0n, little: 1n, some: 1_000n, much: 2n ** 64n - 2n };

/** Amounts for pipes, which hold 65,536 bytes. */
const PIPE_WRITES: Record<Amount, number> = { nothing: 0, little: 1, some: 5_000, much: 100_000 };

/**
 * At least a page, so that a read from a full pipe always makes room. If it does not, older kernels still wake the
 * writer, but later ones and the fake do not.
 */
const PIPE_READS: Record<Amount, number> = { nothing: 0, little: 4_096, some: 8_192, much: 100_000 };

/**
 * A socket stays writable after as many small writes as a program has steps, even though the kernel adds about 700
 * bytes to each.
 */
const SOCKET_BYTES: Record<Amount, number> = { nothing: 0, little: 1, some: 100, much: 50_000 };

/** A datagram socket stays writable in the same way. */
const DATAGRAM_BYTES: Record<Amount, number> = { nothing: 0, little: 1, some: 100, much: 20_000 };

const buffer = new Uint8Array(100_000);

/** One direction of a socketpair. */
interface Channel {
  /**
   * Whether it was written to until it would block, and not emptied since. The number of bytes differs between the
   * worlds, because the fake does not count those of the kernel. Full and empty are the same in both.
   */
  isFull: boolean;
}

/** One fd of a program. */
export interface File {
  /** Its name in logs. */
  name: string;
  readonly kind: Kind;
  readonly fd: WorldFd;
  isOpen: boolean;
  /** For a socket: the direction that it reads from. */
  readonly inbound: Channel;
  /** For a socket: the direction that it writes to. */
  readonly outbound: Channel;
  /** For a listener: the connections that wait, as the server will see them. */
  readonly waiting: { readonly inbound: Channel; readonly outbound: Channel }[];
}

/** Opens one file, or the two ends of a pipe or a socketpair. */
export function openFiles(world: World, kind: Kind): File[] {
  const [inbound, outbound] = [{ isFull: false }, { isFull: false }];
  switch (kind) {
    case 'eventfd':
      return [newFile(kind, world.eventfd(), inbound, outbound)];
    case 'pipe':
      return world.pipe().map((fd) => newFile(kind, fd, inbound, outbound));
    case 'socketpair': {
      const [one, other] = world.socketpair();
      return [newFile(kind, one, inbound, outbound), newFile(kind, other, outbound, inbound)];
    }
    case 'datagram pair': {
      const [one, other] = world.datagramPair();
      return [newFile(kind, one, inbound, outbound), newFile(kind, other, outbound, inbound)];
    }
    case 'bound datagrams':
      return world.boundDatagrams().map((fd) => newFile(kind, fd, inbound, outbound));
    case 'trigger':
      return [newFile(kind, world.trigger(), inbound, outbound)];
    case 'listener':
      return [newFile(kind, world.listener(), inbound, outbound)];
    case 'TCP stream':
      throw new Error('Only a TCP listener opens TCP streams');
    case 'TCP listener':
      return [newFile(kind, world.tcpListener(), inbound, outbound)];
    case 'inotify':
      return [newFile(kind, world.inotify(), inbound, outbound)];
    case 'timer':
      return [newFile(kind, world.timer(), inbound, outbound)];
    case 'process':
      return [newFile(kind, world.process(), inbound, outbound)];
  }
}

/** Connects a client to a listener. It is a file of its own, or nothing if there is no room. */
export function connect(listener: File): File[] {
  const client = listener.fd.connect?.();
  if (client === undefined) {
    return [];
  }
  const [inbound, outbound] = [{ isFull: false }, { isFull: false }];
  listener.waiting.push({ inbound: outbound, outbound: inbound });
  return [newFile(streamOf(listener), client, inbound, outbound)];
}

/** Accepts a connection. It is a file of its own, or nothing if no connection waits. */
export function accept(listener: File): File[] {
  const accepted = listener.fd.accept?.();
  const { inbound, outbound } = (accepted && listener.waiting.shift()) ?? {};
  return accepted && inbound && outbound ? [newFile(streamOf(listener), accepted, inbound, outbound)] : [];
}

function streamOf({ kind }: File): Kind {
  return kind === 'TCP listener' ? 'TCP stream' : 'socketpair';
}

function newFile(kind: Kind, fd: WorldFd, inbound: Channel, outbound: Channel): File {
  return { name: 'new', kind, fd, isOpen: true, inbound, outbound, waiting: [] };
}

/** Writes, and returns the outcome as text. */
export function write({ kind, fd, outbound }: File, amount: Amount): string {
  if (fd.fire !== undefined) {
    fd.fire();
    return 'fired';
  }
  if (fd.act !== undefined) {
    return fd.act('write', amount);
  }
  if (fd.write === undefined) {
    return 'cannot';
  }
  if (kind === 'eventfd') {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, COUNTS[amount], true);
    return counted(fd.write(bytes));
  }
  if (kind === 'pipe') {
    return counted(fd.write(buffer.subarray(0, PIPE_WRITES[amount])));
  }
  const isStream = kind !== 'datagram pair';
  const bytes = buffer.subarray(0, isStream ? SOCKET_BYTES[amount] : DATAGRAM_BYTES[amount]);
  // TCP grows its buffers as it likes.
  if (amount !== 'much' || kind === 'TCP stream') {
    return counted(fd.write(kind === 'TCP stream' ? bytes.subarray(0, SOCKET_BYTES.some) : bytes));
  }
  outbound.isFull = true;
  while (fd.write(bytes) !== undefined) {
    // Until it would block.
  }
  return 'full';
}

/** Reads, and returns the outcome as text. */
export function read({ kind, fd, inbound }: File, amount: Amount): string {
  if (fd.act !== undefined) {
    return fd.act('read', amount);
  }
  if (fd.read === undefined) {
    return 'cannot';
  }
  if (kind === 'eventfd') {
    const bytes = new Uint8Array(8);
    const count = fd.read(bytes);
    return count === undefined ? counted(count) : String(new DataView(bytes.buffer).getBigUint64(0, true));
  }
  if (amount === 'nothing') {
    return 'refused by both';
  }
  if (kind === 'pipe') {
    return counted(fd.read(buffer.subarray(0, PIPE_READS[amount])));
  }
  if (!inbound.isFull) {
    return counted(fd.read(buffer.subarray(0, SOCKET_BYTES[amount])));
  }
  inbound.isFull = false;
  let count = fd.read(buffer);
  while (count !== undefined && (count > 0 || kind === 'datagram pair')) {
    count = fd.read(buffer);
  }
  return `all, then ${counted(count)}`;
}

/** Shuts down a direction, and returns the outcome as text. */
export function shutdown({ fd }: File, how: ShutdownHow): string {
  if (fd.shutdown === undefined) {
    return 'cannot';
  }
  fd.shutdown(how);
  return 'done';
}

function counted(count: number | undefined): string {
  return count === undefined ? 'would block' : String(count);
}
