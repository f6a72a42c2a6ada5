import { EventManagerError } from '@em/core';
import { checkFd, invalidType } from '@em/core/check';
import { FdOwner } from '@em/core/fd-owner';
import { binding } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';
import { strike, takeOver } from './fd-ledger.js';
import { type Watch, watchOver } from './forgotten-fds.js';

/**
 * A file descriptor that belongs to this object, and is closed with it. One that is garbage-collected without having been
 * closed is closed then, with a process warning.
 */
export abstract class OwnedFd extends FdOwner {
  #fd: number | undefined;
  readonly #watch: Watch;

  /**
   * @param fd - Open, and nobody else's. In a worker, a file that was opened by its path elsewhere than by `open` of this
   * package, such as by `fs.openSync`, gets another number, and `fd` is closed: use {@link OwnedFd.fd} from then on.
   * @throws SystemError `EMFILE` if it needs another number and there are too many open files.
   */
  protected constructor(fd: number) {
    super();
    this.#fd = takeOver(checkFd(fd));
    this.#watch = watchOver(this, this.#fd);
  }

  /**
   * The file descriptor.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed: its number may be somebody else's by now.
   */
  get fd(): number {
    if (this.#fd === undefined) {
      throw new EventManagerError('ERR_EM_CLOSED', 'Cannot use this file descriptor: it is closed');
    }
    return this.#fd;
  }

  /**
   * Gives the file descriptor away: ends its registrations, and leaves it to the caller to close it. The object counts as
   * closed.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   * @throws What ends a registration throws; it is closed then.
   *
   * @example A connection that Node goes on with
   * ```ts
   * const socket = new net.Socket({ fd: stream.detach() });
   * ```
   */
  detach(): number {
    const fd = this.#letGo();
    strike(fd);
    try {
      this.close();
    } catch (error) {
      binding().close(fd);
      throw error;
    }
    return fd;
  }

  protected override release(): void {
    if (this.#fd !== undefined) {
      const fd = this.#letGo();
      checked(binding().close(fd), 'close', fd);
    }
  }

  #letGo(): number {
    const { fd } = this;
    this.#fd = undefined;
    this.#watch.unregister(this);
    return fd;
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
      throw invalidType('fd', 'an fd of this package; for any other call adopt(fd), not the constructor', value);
    }
    return fd;
  }
}

/** Constructs an fd object around an fd that this package opened or checked. */
export function fdObject<T extends OwnedFd>(type: FdClass<T>, fd: number): T {
  return Reflect.construct(type as FdClass<T> & (new () => T), [new CheckedFd(fd)]);
}
