import type { EventSet } from './event-set.js';
import type { FdLike } from './fd-object.js';
import type { Observer } from './observer.js';
import type { ReadyBatch } from './ready-batch.js';

/** What a poller watches for. */
export interface Interest {
  readonly fd: number;
  readonly events: EventSet;
  readonly generation: number;
  /** Whether it is a ONE_SHOT that has reported, and is silent until `modify`. */
  readonly fired?: boolean;
}

/** Attaches a poller to the event loop of the host. */
export interface Attachment {
  /** Keeps the host loop running while the poller is attached. */
  ref(): void;

  /** Lets the host loop end although the poller is attached. */
  unref(): void;

  /**
   * Makes the host loop call `onReady` at this time, too, once. A later call replaces it. For a poller with a clock of its
   * own: without this method, the manager waits for its timers by a timer of the host.
   *
   * @param timeMs - By {@link Poller.nowMs}. `Infinity` for no time.
   */
  setAlarm?(timeMs: number): void;

  /** Detaches the poller. A second call does nothing. */
  detach(): void;
}

/**
 * Reports to an `EventManager` which fds are ready. `EpollPoller` of `@em/sys` asks the Linux kernel, `FakePoller` of
 * `@em/testing` a model of it; your own poller can ask anything.
 *
 * ```text
 *   Poller ──► ReadyBatch ──► EventManager ──► callback
 * ```
 *
 * An implementation provides the methods below, the optional ones if it can, and keeps these promises:
 *
 * 1. **Registrations are `(fd, generation)`.** It keeps the generation that it got last for an fd, and reports it with
 *    every event of that fd. It never invents one, except 0: no registration has 0, and the poller may use it for
 *    itself.
 * 2. **A refusal changes nothing.** A method that throws leaves every registration unchanged.
 * 3. **Arguments are checked already.** fds are integers from 0 to 2³¹ − 1, sets are valid and unsigned, generations
 *    run from 1 to 2³² − 1, timeouts are `Infinity` or at least 0 and never `NaN`.
 * 4. **ERROR and HANG_UP are always reported**, whether or not they are wanted. All other events only if they are.
 * 5. **It is fair.** When more is ready than the batch holds, each ready fd gets its turn over the next waits.
 *
 * The contract suite, `@em/testing/contract`, checks all of these.
 */
export interface Poller {
  /**
   * The time by the clock of the timeouts, in milliseconds, with fractions. It never goes back. Without it, the timers of
   * the manager use `performance.now()`.
   */
  readonly nowMs?: number | undefined;

  /** Sees the callbacks of the manager. The manager reads it once, when it is made. */
  readonly observer?: Observer | undefined;

  /**
   * Starts to watch `fd`.
   *
   * @param target - The argument of `EventManager.add`, for a poller that can see the kind of a file from it.
   * @throws An error with code `EEXIST` if it watches the fd already. By this error the manager distinguishes an fd
   * that is still registered from a number that was closed and used again.
   * @throws Any other error. `EventManager.add` throws it as it is. Epoll's are `EBADF`, `EPERM`, `ENOSPC`, `ELOOP`,
   * `ENOMEM`.
   */
  add(fd: number, events: EventSet, generation: number, target?: FdLike): void;

  /**
   * Replaces the interest and the generation of a watched fd, and re-arms a ONE_SHOT that has fired. The next wait
   * reports what is ready now, even if it is edge-triggered.
   *
   * @throws An error with code `ENOENT` if the fd is not watched, or any other error.
   */
  modify(fd: number, events: EventSet, generation: number): void;

  /** Stops watching `fd`. It does not throw if the fd is closed or not watched. */
  delete(fd: number): void;

  /**
   * Blocks until something is ready, the timeout ends, `wake` is called, or a signal interrupts. Fills `batch` from
   * entry 0, and sets `batch.cause`: `timeout` never before the timeout ends, `events` whenever it returns more than 0.
   *
   * @param timeoutMs - Milliseconds, with fractions; 0 polls, `Infinity` waits without end.
   * @returns The number of entries that it filled, at most `batch.capacity`.
   */
  wait(batch: ReadyBatch, timeoutMs: number): number;

  /** Makes the current wait, or else the next one, return at once. Several calls before it count as one. */
  wake(): void;

  /**
   * Starts again with `interests` and nothing else. It is for a poller that may go on watching a file that it should
   * forget: epoll keeps a file whose fd is closed while a duplicate of the fd is open, and cannot be made to drop it.
   * The manager calls it after an event that can belong to no registration.
   *
   * Leave out an interest whose fd is closed, or is another file than when it was added.
   *
   * @throws Any error, if it was not possible. Everything is as before then.
   */
  rebuild?(interests: readonly Interest[]): void;

  /**
   * Makes the event loop of the host call `onReady` whenever a wait would not block: something is ready, or `wake` was
   * called. Without this method, `run()` throws, and the manager can be driven only by `wait()` in a loop.
   *
   * @param onReady - Waits without a timeout. What it throws goes to the host, as an uncaught exception.
   * @param interests - All that is watched at this moment, for a poller that watches some files in another way while it
   * is attached.
   * @returns The attachment. At first it keeps the host loop running.
   */
  attach?(onReady: () => void, interests: Iterable<Interest>): Attachment;

  /**
   * Called when the next wait has something to do without a call of {@link Poller.wait}: to dispatch the rest of a batch,
   * because a callback threw or a `dispatch` ended early, or to throw the error of a rejection. If another event loop can
   * watch the poller, the poller is ready until then.
   */
  onLeftovers?(): void;

  /** Frees what the poller holds, and detaches it. A second call does nothing. No other method is called after it. */
  close(): void;
}
