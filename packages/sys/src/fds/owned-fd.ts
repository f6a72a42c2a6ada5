import { EventManagerError } from '@em/core';
import { checkFd, invalidType } from '@em/core/check';
import { FdOwner, KERNEL_FD } from '@em/core/fd-owner';
import { binding } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';
import { disown, takeOver } from './fd-ledger.js';
import { guardAgainstLeaks, type LeakGuard } from './leak-guard.js';

/**
 * The base of all fd objects: an object that owns a file descriptor and closes it. If an fd object is garbage-collected
 * before it is closed, its fd is closed then, with a process warning.
 *
 * @throws EventManagerError `ERR_EM_CLOSED` from every method and getter once the object is closed, except `close` and
 * `closed`.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` from every method and constructor for a wrong
 * argument or an unknown option. The object is unchanged.
 * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` from every static method and constructor if this is not
 * Linux, or the addon does not load.
 */
export abstract class OwnedFd extends FdOwner {
  #fd: number | undefined;
  readonly #leakGuard: LeakGuard;

  static {
    // The name of a property in an exported class cannot be computed.
    Object.defineProperty(OwnedFd.prototype, KERNEL_FD, { value: true });
  }

  /**
   * @param fd - An open fd that only this object closes from now on. In a worker, an fd that was opened by its path but
   * not by `open` of this package, for example by `fs.openSync`, is replaced by a duplicate and closed: use
   * {@link OwnedFd.fd} from then on.
   * @throws SystemError `EMFILE` if there are too many open files for a duplicate.
   */
  protected constructor(fd: number) {
    super();
    this.#fd = takeOver(checkFd(fd));
    this.#leakGuard = guardAgainstLeaks(this, this.#fd);
  }

  /**
   * The file descriptor. It cannot be read once the object is closed: the number may stand for another file by then.
   */
  get fd(): number {
    if (this.#fd === undefined) {
      throw new EventManagerError('ERR_EM_CLOSED', 'Cannot use this file descriptor: it is closed');
    }
    return this.#fd;
  }

  /**
   * Ends the registrations of the fd and returns it, open. The caller has to close it; the object counts as closed.
   *
   * @throws What ending a registration throws. The fd is closed then.
   *
   * @example Hand a connection to Node
   * ```ts
   * const socket = new net.Socket({ fd: stream.detach() });
   * ```
   */
  detach(): number {
    const { fd } = this;
    this.#fd = undefined;
    this.#leakGuard.unregister(this);
    disown(fd);
    try {
      this.close();
    } catch (error) {
      binding().close(fd);
      throw error;
    }
    return fd;
  }

  protected override release(): void {
    const fd = this.#fd;
    if (fd !== undefined) {
      this.#fd = undefined;
      this.#leakGuard.unregister(this);
      checked(binding().close(fd), 'close', fd);
    }
  }
}

/** A class of fd objects, also one whose constructor is private. */
export interface FdClass<T extends OwnedFd> {
  readonly name: string;
  readonly prototype: T;
}

/** An fd that this package opened or checked. The constructors of fd objects accept no other: users call `adopt`. */
export class CheckedFd {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Returns `undefined` for any other value, also for a proxy that throws. */
  static fdOf(value: unknown): number | undefined {
    return typeof value === 'object' && value !== null && #fd in value ? value.#fd : undefined;
  }

  /** Does the same for a private constructor, which JavaScript can call. */
  static only(value: unknown): number {
    const fd = CheckedFd.fdOf(value);
    if (fd === undefined) {
      throw invalidType('fd', 'passed to the static method adopt(fd), not to the constructor', value);
    }
    return fd;
  }
}

/** Constructs an fd object around an fd that this package opened or checked. */
export function fdObject<T extends OwnedFd>(type: FdClass<T>, fd: number): T {
  return Reflect.construct(type as FdClass<T> & (new () => T), [new CheckedFd(fd)]);
}
