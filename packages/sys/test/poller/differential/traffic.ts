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
    case 'trigger':
      return [newFile(kind, world.trigger(), inbound, outbound)];
  }
}

function newFile(kind: Kind, fd: WorldFd, inbound: Channel, outbound: Channel): File {
  return { name: 'new', kind, fd, isOpen: true, inbound, outbound };
}

/** Writes, and returns the outcome as text. */
export function write({ kind, fd, outbound }: File, amount: Amount): string {
  if (fd.fire !== undefined) {
    fd.fire();
    return 'fired';
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
  const bytes = buffer.subarray(0, SOCKET_BYTES[amount]);
  if (amount !== 'much') {
    return counted(fd.write(bytes));
  }
  outbound.isFull = true;
  while (fd.write(bytes) !== undefined) {
    // Until it would block.
  }
  return 'full';
}

/** Reads, and returns the outcome as text. */
export function read({ kind, fd, inbound }: File, amount: Amount): string {
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
  while (count !== undefined && count > 0) {
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
