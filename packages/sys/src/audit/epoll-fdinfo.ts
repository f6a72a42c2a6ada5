import type { Interest } from '@em/core';

/** An entry of the kernel's interest list. */
export interface KernelInterest extends Interest {
  /** The inode of the file, as in `fs.Stats`. Not told before Linux 4.13. */
  readonly inode: number | undefined;
  /** The device that the inode is on, as in `fs.Stats`. Not told before Linux 4.13. */
  readonly device: number | undefined;
}

/** `ep_show_fdinfo`, fs/eventpoll.c. `data` is what this package gave: the generation above the fd. */
const ENTRY =
  /^tfd: *(\d{1,10}) +events: *([\da-f]{1,8}) +data: *([\da-f]{1,16})(?: +pos: *-?\d+ +ino: *([\da-f]{1,16}) +sdev: *([\da-f]{1,8}))?(?: |$)/;

const FD_DIGITS = 8;

/**
 * Reads what `/proc/self/fdinfo` shows of an epoll instance.
 *
 * @returns The entries, in the kernel's order; `undefined` if one of them is not as it should be, or cut off. Other lines
 * are skipped.
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

function hex(digits: string): number {
  return Number.parseInt(digits, 16);
}

/** From the kernel's own form, 12 bits of major over 20 of minor, to that of stat(2): `new_encode_dev`, linux/kdev_t.h. */
function toUserDevice(device: number): number {
  const major = device >>> 20;
  const minor = device & 0xf_ffff;
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}
