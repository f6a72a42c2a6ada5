import { outOfRange } from '@em/core/check';
import { LITTLE_ENDIAN } from '../addon/c-types.js';
import { changesOf, type InotifyChange, Q_OVERFLOW } from './inotify-mask.js';

// struct inotify_event of linux/inotify.h, in the byte order of the machine. The name follows it, padded with NULs.
const WATCH_AT = 0;
const MASK_AT = 4;
const COOKIE_AT = 8;
const NAME_LENGTH_AT = 12;
const NAME_AT = 16;

const NUL = 0;

/** What `Inotify.read` returns: a change, or the report that changes are missing. */
export type InotifyEvent = InotifyChangeEvent | InotifyOverflow;

/** A change of a watched file, or in a watched directory. */
export interface InotifyChangeEvent {
  readonly overflow: false;
  /** The number that `Inotify.add` returned. */
  readonly watch: number;
  /** What happened. */
  readonly changes: readonly InotifyChange[];
  /** The same number, not 0, for the `MOVED_FROM` and the `MOVED_TO` of one rename; 0 otherwise. */
  readonly cookie: number;
  /**
   * The name of the file in the watched directory, `undefined` if the watched file itself changed. Bytes that are not
   * UTF-8 are replaced by U+FFFD.
   */
  readonly name: string | undefined;
  /** The same name as bytes, to open a file whose name is not UTF-8. */
  readonly nameBytes: Buffer | undefined;
}

/**
 * The queue had no room (`fs.inotify.max_queued_events`): the changes after the previous event are lost. Read the
 * directories again.
 */
export interface InotifyOverflow {
  readonly overflow: true;
}

/**
 * Returns the events that a read of an inotify fd put into `bytes`.
 *
 * @throws RangeError `ERR_OUT_OF_RANGE` if the last event is cut off. The kernel does not do that.
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

/** Copies a name without its padding. */
function trimmed(padded: Uint8Array): Buffer | undefined {
  const end = padded.indexOf(NUL);
  const name = end === -1 ? padded : padded.subarray(0, end);
  return name.length === 0 ? undefined : Buffer.from(name);
}
