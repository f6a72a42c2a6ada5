import { invalidType, outOfRange } from '@em/core/check';

/** Bits of linux/inotify.h, `IN_ACCESS` and so on: changes that can be watched for and reported. */
const CHANGES = {
  ACCESS: 0x0000_0001,
  MODIFY: 0x0000_0002,
  ATTRIB: 0x0000_0004,
  CLOSE_WRITE: 0x0000_0008,
  CLOSE_NOWRITE: 0x0000_0010,
  OPEN: 0x0000_0020,
  MOVED_FROM: 0x0000_0040,
  MOVED_TO: 0x0000_0080,
  CREATE: 0x0000_0100,
  DELETE: 0x0000_0200,
  DELETE_SELF: 0x0000_0400,
  MOVE_SELF: 0x0000_0800,
} as const;

type Change = keyof typeof CHANGES;

/**
 * What to watch for, and how. The names are those of inotify(7) without `IN_`: `'CREATE'` is `IN_CREATE`.
 *
 * - `ONLYDIR` refuses a file that is not a directory.
 * - `DONT_FOLLOW` watches a symbolic link itself.
 * - `EXCL_UNLINK` ignores files that were unlinked.
 * - `MASK_CREATE` refuses a file that is already watched.
 * - `MASK_ADD` adds to the interest in a file that is already watched.
 * - `ONESHOT` reports once.
 */
export type InotifyInterest =
  | Change
  | 'ONLYDIR'
  | 'DONT_FOLLOW'
  | 'EXCL_UNLINK'
  | 'MASK_CREATE'
  | 'MASK_ADD'
  | 'ONESHOT';

/**
 * What happened: a change that can be watched for, or one that is always reported. `IGNORED` means that the watch has
 * ended, `UNMOUNT` that its file system is gone, `ISDIR` that a directory changed.
 */
export type InotifyChange = Change | 'UNMOUNT' | 'IGNORED' | 'ISDIR';

const ASKED: Readonly<Record<InotifyInterest, number>> = {
  ...CHANGES,
  ONLYDIR: 0x0100_0000,
  DONT_FOLLOW: 0x0200_0000,
  EXCL_UNLINK: 0x0400_0000,
  MASK_CREATE: 0x1000_0000,
  MASK_ADD: 0x2000_0000,
  ONESHOT: 0x8000_0000,
};

const REPORTED: Readonly<Record<InotifyChange, number>> = {
  ...CHANGES,
  UNMOUNT: 0x0000_2000,
  IGNORED: 0x0000_8000,
  ISDIR: 0x4000_0000,
};

/** Reported when the queue is full. */
export const Q_OVERFLOW = 0x0000_4000;

const CHANGE_NAMES = Object.keys(REPORTED) as InotifyChange[];

/** Checks an interest and returns its bits. */
export function toMask(names: readonly InotifyInterest[]): number {
  if (!Array.isArray(names)) {
    throw invalidType('interest', 'an array of names', names);
  }
  let mask = 0;
  for (const name of names as readonly unknown[]) {
    if (!isInterest(name)) {
      throw outOfRange('interest', `an array of ${Object.keys(ASKED).join(', ')}`, name);
    }
    mask |= ASKED[name];
  }
  return mask >>> 0;
}

function isInterest(name: unknown): name is InotifyInterest {
  return typeof name === 'string' && Object.hasOwn(ASKED, name);
}

/** Returns the names of the bits that are set. */
export function changesOf(mask: number): InotifyChange[] {
  return CHANGE_NAMES.filter((name) => (mask & REPORTED[name]) !== 0);
}
