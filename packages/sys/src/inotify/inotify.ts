import { constants } from 'node:os';
import { checkInteger } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { MAX_INT } from '../addon/c-types.js';
import { checked, checkedUnlessBlocked, pathError } from '../addon/system-error.js';
import { checkPath } from '../arguments/check.js';
import { adopt } from '../fds/adopt.js';
import { CheckedFd, OwnedFd } from '../fds/owned-fd.js';
import { type InotifyEvent, parseInotifyEvents } from './inotify-event.js';
import { type InotifyInterest, toMask } from './inotify-mask.js';

const { EINVAL } = constants.errno;
/** Room for the largest event, 16 bytes and a name of at most 256 with its NUL, or for many small ones. */
const BUFFER_BYTES = 4096;

/**
 * Watches files and directories for changes: `IN` while there are events to read. Subdirectories of a watched directory
 * are not watched: add them too.
 *
 * {@link OwnedFd} lists what every method throws.
 *
 * @example Report files that were written to a directory
 * ```ts
 * using inotify = new Inotify();
 * inotify.add('/var/spool/jobs', ['CLOSE_WRITE', 'MOVED_TO']);
 * manager.add(inotify, EventSet.IN, () => {
 *   for (const event of inotify.read() ?? []) {
 *     console.log(event.overflow ? 'some events are missing' : event.name);
 *   }
 * });
 * ```
 *
 * @see {@link https://man7.org/linux/man-pages/man7/inotify.7.html | inotify(7)}
 */
export class Inotify extends OwnedFd {
  readonly #buffer = new Uint8Array(BUFFER_BYTES);

  /**
   * @throws SystemError `EMFILE` if there are too many open files, or the user has too many inotify instances
   * (`fs.inotify.max_user_instances`); `ENFILE`, `ENOMEM`.
   */
  constructor();
  constructor(fd?: CheckedFd) {
    super(CheckedFd.fdOf(fd) ?? checked(binding().inotifyInit(), 'inotify_init1'));
  }

  /**
   * Takes over the fd of an inotify instance that exists, and sets close-on-exec and `O_NONBLOCK`.
   *
   * @throws As {@link EventFd.adopt} does.
   */
  static adopt(fd: number): Inotify {
    return adopt(Inotify, fd, ['an inotify instance']);
  }

  /**
   * Starts to watch a file or directory. The file is watched, not the path: if it is already watched, by whatever path,
   * it keeps its watch, and the interest is replaced.
   *
   * @param path - A string, or bytes if the path is not UTF-8.
   * @returns The watch: a number that identifies it in events and for `remove`.
   * @throws SystemError with `path`: `ENOENT`, `EACCES`, `ELOOP`, `ENAMETOOLONG`; `ENOTDIR` also for `ONLYDIR`;
   * `EEXIST` for `MASK_CREATE`; `EINVAL` if the interest names no change, or both `MASK_ADD` and `MASK_CREATE`;
   * `ENOSPC` if the user has too many watches (`fs.inotify.max_user_watches`).
   * @see {@link https://man7.org/linux/man-pages/man2/inotify_add_watch.2.html | inotify_add_watch(2)}
   */
  add(path: string | Uint8Array, interest: readonly InotifyInterest[]): number {
    const bytes = checkPath(path);
    const mask = toMask(interest);
    const watch = binding().inotifyAddWatch(this.fd, bytes, mask);
    if (watch < 0) {
      throw pathError(watch, 'inotify_add_watch', path, this.fd);
    }
    return watch;
  }

  /**
   * Ends a watch. Its last event is `IGNORED`; you can still read the events before it.
   *
   * @returns `false` if there is no such watch. Deleting the file also ends its watch.
   */
  remove(watch: number): boolean {
    checkInteger('watch', watch, 0, MAX_INT);
    const result = binding().inotifyRmWatch(this.fd, watch);
    if (result === -EINVAL) {
      return false;
    }
    checked(result, 'inotify_rm_watch', this.fd);
    return true;
  }

  /**
   * Takes events, in the order in which they happened. If there are more, `IN` is reported again.
   *
   * @returns `undefined` if there are no events: it would block.
   */
  read(): InotifyEvent[] | undefined {
    const size = checkedUnlessBlocked(binding().readAtOnce(this.fd, this.#buffer, 0, BUFFER_BYTES), 'read', this.fd);
    return size === undefined ? undefined : parseInotifyEvents(this.#buffer.subarray(0, size));
  }
}
