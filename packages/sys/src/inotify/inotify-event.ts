import { outOfRange } from '@em/core/check';
import { LITTLE_ENDIAN } from '../addon/c-types.js';
import { changesOf, type InotifyChange, Q_OVERFLOW } from './inotify-mask.js';

// struct inotify_event of linux/inotify.h, in the machine's byte order; behind it stands the name, padded with NULs.
const WATCH_AT = 0;
const MASK_AT = 4;
const COOKIE_AT = 8;
const NAME_LENGTH_AT = 12;
const NAME_AT = 16;

const NUL = 0;

/** What `Inotify.read` returns: a change, or that some are missing. */
export type InotifyEvent = InotifyChangeEvent | InotifyOverflow;

/** Something has happened to what is watched, or in it. */
export interface InotifyChangeEvent {
  readonly overflow: false;
  /** Where: what `Inotify.add` returned. */
  readonly watch: number;
  /** What. */
  readonly changes: readonly InotifyChange[];
  /** The same number, not 0, for the `MOVED_FROM` and the `MOVED_TO` of one rename; 0 otherwise. */
  readonly cookie: number;
  /**
   * The name of the file in the watched directory, `undefined` if it happened to the watched file itself. What is not
   * UTF-8 in it shows as U+FFFD.
   */
  readonly name: string | undefined;
  /** The same name as the file system has it: for opening a file whose name is not UTF-8. */
  readonly nameBytes: Buffer | undefined;
}

/**
 * The queue had no room (`fs.inotify.max_queued_events`), and what has happened after the event before this one is lost:
 * look for yourself what there is.
 */
export interface InotifyOverflow {
  readonly overflow: true;
}

/**
 * The events that a read of an inotify fd has put into `bytes`.
 *
 * @throws RangeError `ERR_OUT_OF_RANGE` if the last one is cut off, which the kernel does not do.
 */
export function parseInotifyEvents(bytes: Uint8Array): InotifyEvent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: InotifyEvent[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const rest = bytes.byteLength - at;
    const nameLength = rest < NAME_AT ? 0 : view.getUint32(at + NAME_LENGTH_AT, LITTLE_ENDIAN);
    if (rest < NAME_AT + nameLength) {
      throw outOfRange('bytes', 'whole inotify events', `${rest} bytes of ${NAME_AT + nameLength}`);
    }
    const nameBytes = trimmed(bytes.subarray(at + NAME_AT, at + NAME_AT + nameLength));
    const mask = view.getUint32(at + MASK_AT, LITTLE_ENDIAN);
    events.push(
      (mask & Q_OVERFLOW) !== 0
        ? { overflow: true }
        : {
            overflow: false,
            watch: view.getInt32(at + WATCH_AT, LITTLE_ENDIAN),
            changes: changesOf(mask),
            cookie: view.getUint32(at + COOKIE_AT, LITTLE_ENDIAN),
            name: nameBytes?.toString(),
            nameBytes,
          },
    );
    at += NAME_AT + nameLength;
  }
  return events;
}

/** A copy of a name, without the padding. */
function trimmed(padded: Uint8Array): Buffer | undefined {
  const end = padded.indexOf(NUL);
  const name = end === -1 ? padded : padded.subarray(0, end);
  return name.length === 0 ? undefined : Buffer.from(name);
}
