import { EventSet } from '@em/core';
import { checkInteger, checkOptions, invalidType, outOfRange } from '@em/core/check';
import { systemError } from '../errors.js';
import type { FdTable } from '../fd-table.js';
import { isBytes } from './arguments.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';

/** The changes that can be watched for: bits of linux/inotify.h, in the order of their numbers. */
const CHANGES = [
  'ACCESS',
  'MODIFY',
  'ATTRIB',
  'CLOSE_WRITE',
  'CLOSE_NOWRITE',
  'OPEN',
  'MOVED_FROM',
  'MOVED_TO',
  'CREATE',
  'DELETE',
  'DELETE_SELF',
  'MOVE_SELF',
] as const;
const OPTIONS = ['ONLYDIR', 'DONT_FOLLOW', 'EXCL_UNLINK', 'MASK_CREATE', 'MASK_ADD', 'ONESHOT'] as const;

type Change = (typeof CHANGES)[number];

/** What to watch for, and how: the `InotifyInterest` of `@em/sys`. */
export type FakeInotifyInterest = Change | (typeof OPTIONS)[number];

/** What happened: the `InotifyChange` of `@em/sys`. */
export type FakeInotifyChange = Change | 'UNMOUNT' | 'IGNORED' | 'ISDIR';

/** What {@link FakeInotify.read} returns: the `InotifyEvent` of `@em/sys`. */
export type FakeInotifyEvent =
  | {
      readonly overflow: false;
      readonly watch: number;
      readonly changes: readonly FakeInotifyChange[];
      readonly cookie: number;
      readonly name: string | undefined;
      readonly nameBytes: Buffer | undefined;
    }
  | { readonly overflow: true };

/** Options of {@link FakeInotify.emit}. */
export interface FakeChangeOptions {
  /** The file in the watched directory, up to 255 bytes. By default the watched file itself changes. */
  readonly name?: string | undefined;
  /** The same number, not 0, for the `MOVED_FROM` and the `MOVED_TO` of one rename. Defaults to 0. */
  readonly cookie?: number | undefined;
  /** Whether a directory changes, which is reported as `ISDIR`. Defaults to `false`. */
  readonly isDirectory?: boolean | undefined;
}

/** `fs.inotify.max_queued_events`. */
const MAX_QUEUED = 16_384;
/** What `Inotify.read` of `@em/sys` has room for, and `sizeof(struct inotify_event)`, to which names are rounded up. */
const READ_BYTES = 4096;
const EVENT_BYTES = 16;
const MAX_NAME_BYTES = 255;

interface Queued {
  readonly event: FakeInotifyEvent;
  readonly bytes: number;
  /** Equal for events that the kernel merges: the cookie is not compared. */
  readonly key: string;
}

const OVERFLOW: Queued = { event: { overflow: true }, bytes: EVENT_BYTES, key: 'overflow' };

interface Watch {
  readonly number: number;
  readonly path: string;
  interest: ReadonlySet<FakeInotifyInterest>;
}

/** An inotify instance. See fs/notify/inotify. */
class Instance extends OpenFile {
  readonly #watches = new Map<number, Watch>();
  readonly #queue: Queued[] = [];
  #hasOverflow = false;
  #lastWatch = 0;

  override events(): EventSet {
    return this.#queue.length > 0 ? EventSet.IN : EventSet.EMPTY;
  }

  add(path: string, interest: ReadonlySet<FakeInotifyInterest>): number {
    const refuse = (code: 'EINVAL' | 'EEXIST'): Error => systemError(code, 'inotify_add_watch');
    if (!CHANGES.some((change) => interest.has(change))) {
      throw refuse('EINVAL');
    }
    if (interest.has('MASK_ADD') && interest.has('MASK_CREATE')) {
      throw refuse('EINVAL');
    }
    const present = [...this.#watches.values()].find((watch) => watch.path === path);
    if (present === undefined) {
      const number = ++this.#lastWatch;
      this.#watches.set(number, { number, path, interest });
      return number;
    }
    if (interest.has('MASK_CREATE')) {
      throw refuse('EEXIST');
    }
    present.interest = interest.has('MASK_ADD') ? new Set([...present.interest, ...interest]) : interest;
    return present.number;
  }

  remove(number: number): boolean {
    if (!this.#watches.delete(number)) {
      return false;
    }
    this.#put(number, ['IGNORED']);
    return true;
  }

  happen(number: number, change: Change | 'UNMOUNT', { name, cookie = 0, isDirectory }: FakeChangeOptions): void {
    const watch = this.#watches.get(number);
    if (watch === undefined) {
      throw systemError('EINVAL', 'emit');
    }
    const isReported = change === 'UNMOUNT' || watch.interest.has(change);
    if (isReported) {
      this.#put(number, isDirectory ? [change, 'ISDIR'] : [change], name, cookie);
    }
    if (change === 'UNMOUNT' || change === 'DELETE_SELF' || (isReported && watch.interest.has('ONESHOT'))) {
      this.remove(number);
    }
  }

  overflow(): void {
    if (!this.#hasOverflow) {
      this.#hasOverflow = true;
      this.#queue.push(OVERFLOW);
      this.wakeUp(EventSet.EMPTY);
    }
  }

  /** Takes as many events as a read of `@em/sys` has room for. */
  take(): FakeInotifyEvent[] | undefined {
    let room = READ_BYTES;
    const end = this.#queue.findIndex(({ bytes }) => {
      room -= bytes;
      return room < 0;
    });
    const taken = this.#queue.splice(0, end === -1 ? this.#queue.length : end);
    this.#hasOverflow &&= !taken.includes(OVERFLOW);
    return taken.length === 0 ? undefined : taken.map(({ event }) => event);
  }

  #put(watch: number, changes: FakeInotifyChange[], name?: string, cookie = 0): void {
    const nameBytes = name === undefined ? undefined : bytesOf(name);
    const key = `${watch} ${changes.join()} ${name ?? ''}`;
    if (this.#queue.at(-1)?.key === key) {
      return;
    }
    if (this.#queue.length >= MAX_QUEUED) {
      this.overflow();
      return;
    }
    const nameRoom = nameBytes === undefined ? 0 : Math.ceil((nameBytes.length + 1) / EVENT_BYTES) * EVENT_BYTES;
    const event: FakeInotifyEvent = { overflow: false, watch, changes, cookie, name, nameBytes };
    this.#queue.push({ event, bytes: EVENT_BYTES + nameRoom, key });
    this.wakeUp(EventSet.EMPTY);
  }
}

/**
 * A fake of `Inotify` of `@em/sys`. There are no files: every path can be watched, and nothing happens to it until the test
 * calls {@link FakeInotify.emit}.
 *
 * {@link FakeFd} says what every method throws.
 */
export class FakeInotify extends FakeFd<Instance> {
  static create(fds: FdTable): FakeInotify {
    return new FakeInotify(fds, new Instance());
  }

  override dup(): FakeInotify {
    return new FakeInotify(this.fds, this.open());
  }

  /**
   * Starts to watch a path. If it is already watched, it keeps its watch, and the interest is replaced.
   *
   * @returns The watch: a number that identifies it in events, for `remove`, and for `emit`.
   * @throws SystemError `EEXIST` for `MASK_CREATE` if the path is already watched; `EINVAL` if the interest names no
   * change, or both `MASK_ADD` and `MASK_CREATE`.
   */
  add(path: string | Uint8Array, interest: readonly FakeInotifyInterest[]): number {
    return this.open().add(checkPath(path), checkInterest(interest));
  }

  /**
   * Ends a watch. Its last event is `IGNORED`; you can still read the events before it.
   *
   * @returns `false` if there is no such watch.
   */
  remove(watch: number): boolean {
    return this.open().remove(checkInteger('watch', watch, 0, 0x7fff_ffff));
  }

  /**
   * Takes events, in the order in which they happened. If there are more, `IN` is reported again.
   *
   * @returns `undefined` if there are no events: it would block.
   */
  read(): FakeInotifyEvent[] | undefined {
    return this.open().take();
  }

  /**
   * Makes a change happen. It is reported if the interest of the watch names it; an event that equals the last one in the
   * queue is merged with it. `DELETE_SELF` and `UNMOUNT` end the watch. When 16,384 events are in the queue, an overflow is
   * reported instead.
   *
   * @throws SystemError `EINVAL` if there is no such watch.
   */
  emit(watch: number, change: Change | 'UNMOUNT', options: FakeChangeOptions = {}): void {
    checkInteger('watch', watch, 0, 0x7fff_ffff);
    if (change !== 'UNMOUNT' && !CHANGES.includes(change)) {
      throw outOfRange('change', `one of ${CHANGES.join(', ')}, UNMOUNT`, change);
    }
    const { name } = checkOptions('options', options, ['name', 'cookie', 'isDirectory']);
    if (name !== undefined && (name === '' || bytesOf(name).length > MAX_NAME_BYTES)) {
      throw outOfRange('options.name', `a name of 1 to ${MAX_NAME_BYTES} bytes`, name);
    }
    this.open().happen(watch, change, options);
  }

  /** Behaves as if the queue had no room: the next event in it is the report that changes are missing. */
  overflow(): void {
    this.open().overflow();
  }
}

function checkInterest(interest: readonly FakeInotifyInterest[]): ReadonlySet<FakeInotifyInterest> {
  if (!Array.isArray(interest)) {
    throw invalidType('interest', 'an array of names', interest);
  }
  const known: readonly string[] = [...CHANGES, ...OPTIONS];
  for (const name of interest) {
    if (!known.includes(name)) {
      throw outOfRange('interest', `an array of ${known.join(', ')}`, name);
    }
  }
  return new Set(interest);
}

function checkPath(path: string | Uint8Array): string {
  const text = isBytes(path) ? new TextDecoder('latin1').decode(path) : path;
  if (typeof text !== 'string') {
    throw invalidType('path', 'a string or a Uint8Array', path);
  }
  if (text.includes('\0')) {
    throw outOfRange('path', 'without a NUL', path);
  }
  return text;
}

/** Returns the bytes of a text: a Buffer where there is one, so not in a browser. */
function bytesOf(text: string): Buffer {
  const bytes = new TextEncoder().encode(text);
  return typeof Buffer === 'undefined' ? (bytes as Buffer) : Buffer.from(bytes);
}
