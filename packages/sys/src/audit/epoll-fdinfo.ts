import { EventManagerError, type Interest } from '@em/core';
import { fs } from '../builtins.js';

/** An entry of the kernel's interest list. */
export interface KernelInterest extends Interest {
  /** The inode of the file, as in `fs.Stats`. `undefined` before Linux 4.13. */
  readonly inode: number | undefined;
  /** The device that the inode is on, as in `fs.Stats`. `undefined` before Linux 4.13. */
  readonly device: number | undefined;
}

/** `ep_show_fdinfo`, fs/eventpoll.c. `data` is what this package passed: the generation above the fd. */
const ENTRY =
  /^tfd: *(\d{1,10}) +events: *([\da-f]{1,8}) +data: *([\da-f]{1,16})(?: +pos: *-?\d+ +ino: *([\da-f]{1,16}) +sdev: *([\da-f]{1,8}))?(?: |$)/;

const FD_DIGITS = 8;

/**
 * Returns what an epoll instance watches, without the fds of the poller itself, which have generation 0.
 *
 * @throws EventManagerError `ERR_EM_CANNOT_AUDIT` if the kernel does not show what it watches. It then does not show
 * the fds of the poller either.
 */
export function readInterests(epollFd: number): KernelInterest[] {
  const path = `/proc/self/fdinfo/${epollFd}`;
  let text: string;
  try {
    text = fs.readFileSync(path, 'latin1');
  } catch (cause) {
    throw cannotAudit(`${path} cannot be read`, { cause });
  }
  const interests = parseEpollFdinfo(text);
  const isOwn = ({ generation }: Interest): boolean => generation === 0;
  if (interests?.some(isOwn) !== true) {
    throw cannotAudit(`${path} does not show what is watched`);
  }
  return interests.filter((interest) => !isOwn(interest));
}

/**
 * Parses what `/proc/self/fdinfo` shows of an epoll instance. Lines of other kinds are skipped.
 *
 * @returns The entries, in the kernel's order; `undefined` if one of them is malformed or cut off.
 */
export function parseEpollFdinfo(text: string): KernelInterest[] | undefined {
  const lines = text.split('\n');
  if (lines.pop() !== '') {
    return undefined;
  }
  const interests: KernelInterest[] = [];
  for (const line of lines.filter((line) => line.startsWith('tfd'))) {
    const [, fd, events, data, inode, device] = ENTRY.exec(line) ?? [];
    if (fd === undefined || events === undefined || data === undefined) {
      return undefined;
    }
    interests.push({
      fd: Number(fd),
      events: hex(events),
      generation: hex(data.slice(0, -FD_DIGITS) || '0'),
      inode: inode === undefined ? undefined : hex(inode),
      device: device === undefined ? undefined : toUserDevice(hex(device)),
    });
  }
  return interests;
}

function cannotAudit(why: string, options?: { cause: unknown }): EventManagerError {
  return new EventManagerError('ERR_EM_CANNOT_AUDIT', `Cannot audit: ${why}`, options);
}

function hex(digits: string): number {
  return Number.parseInt(digits, 16);
}

/**
 * Converts a device number of the kernel, 12 bits of major over 20 bits of minor, to that of stat(2): `new_encode_dev`,
 * linux/kdev_t.h.
 */
function toUserDevice(device: number): number {
  const major = device >>> 20;
  const minor = device & 0xf_ffff;
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}
