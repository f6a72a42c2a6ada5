import { invalidType, outOfRange } from '@em/core/check';

/** Bits of linux/inotify.h, which calls them `IN_ACCESS` and so on: what can be watched for, and is reported. */
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
 * What to watch for, and how: `IN_CREATE` of inotify(7) is `'CREATE'` here, and so on. How: `ONLYDIR` refuses what is no
 * directory, `DONT_FOLLOW` watches a symbolic link itself, `EXCL_UNLINK` leaves out what has been unlinked,
 * `MASK_CREATE` refuses what is watched already, `MASK_ADD` adds to what it is watched for, `ONESHOT` reports once.
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
 * What has happened: something that can be watched for, or one that comes unasked. `IGNORED` says that the watch has
 * ended, `UNMOUNT` that its file system is gone, `ISDIR` that it happened to a directory.
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

/** Reported once the queue has no room for more. */
export const Q_OVERFLOW = 0x0000_4000;

const CHANGE_NAMES = Object.keys(REPORTED) as InotifyChange[];

/**
 * @throws TypeError `ERR_INVALID_ARG_TYPE` if `names` is no array, RangeError `ERR_OUT_OF_RANGE` if it has what is no
 * name.
 */
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

/** The names of the bits that are set. */
export function changesOf(mask: number): InotifyChange[] {
  return CHANGE_NAMES.filter((name) => (mask & REPORTED[name]) !== 0);
}
