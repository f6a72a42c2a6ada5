import type { EventSet } from './event-set.js';
import type { FdLike } from './fd-object.js';
import type { ReadyBatch } from './ready-batch.js';

/** What a poller is to watch. */
export interface Interest {
  readonly fd: number;
  readonly events: EventSet;
  readonly generation: number;
  /** Whether it is a ONE_SHOT that has reported, and is silent until `modify`. */
  readonly fired?: boolean;
}

/** A poller's place in the event loop of the host. */
export interface Attachment {
  /** Keeps the host loop going as long as it is attached. */
  ref(): void;

  /** Lets the host loop end although it is attached. */
  unref(): void;

  /** Ends it. A second call does nothing. */
  detach(): void;
}

/**
 * A source of readiness: what an `EventManager` stands on. `EpollPoller` of `@em/sys` asks the Linux kernel,
 * `FakePoller` of `@em/testing` a model of it; yours may ask anything.
 *
 * ```text
 *   Poller ──► ReadyBatch ──► EventManager ──► callback
 * ```
 *
 * An implementation provides the methods below, the optional ones if it can, and promises:
 *
 * 1. **Registrations are `(fd, generation)`.** It keeps the generation given last for an fd and reports it with every
 *    event of that fd. It never makes one up, except 0, which no registration has and which it may use for itself.
 * 2. **A refusal changes nothing.** A method that throws leaves every registration as it was.
 * 3. **Arguments are checked already.** fds are integers from 0 to 2³¹ − 1, sets are valid and unsigned, generations
 *    run from 1 to 2³² − 1, timeouts are `Infinity` or at least 0 and never `NaN`.
 * 4. **ERROR and HANG_UP are always reported**, asked for or not. Everything else only when asked for.
 * 5. **It is fair.** When more is ready than the batch holds, each ready fd gets its turn over the next waits.
 *
 * The contract suite, `@em/testing/contract`, checks all of it.
 */
export interface Poller {
  /**
   * Starts to watch `fd`.
   *
   * @param target - What was given to `EventManager.add`, for a poller that can tell the kind of a file from it.
   * @throws An error with code `EEXIST` if it is watched already. The manager relies on this to tell an fd that is
   * still registered from a number that was closed and used again.
   * @throws Any other error, which `EventManager.add` hands on: epoll's are `EBADF`, `EPERM`, `ENOSPC`, `ELOOP`, `ENOMEM`.
   */
  add(fd: number, events: EventSet, generation: number, target?: FdLike): void;

  /**
   * Replaces the interest and the generation of a watched fd; re-arms a fired ONE_SHOT. What is ready now is reported
   * by the next wait, edge-triggered or not.
   *
   * @throws An error with code `ENOENT` if it is not watched, or any other.
   */
  modify(fd: number, events: EventSet, generation: number): void;

  /** Stops watching `fd`. That it is closed or not watched is no error: what was asked for is the case. */
  delete(fd: number): void;

  /**
   * Blocks until something is ready, the time is up, it is woken or interrupted. Fills `batch` from entry 0, and sets
   * `batch.cause`: `timeout` never before the time is up, `events` whenever it returns more than 0.
   *
   * @param timeoutMs - Milliseconds, fractions welcome; 0 polls, `Infinity` waits for ever.
   * @returns How many entries it filled, at most `batch.capacity`.
   */
  wait(batch: ReadyBatch, timeoutMs: number): number;

  /** Makes the current wait, or else the next one, return at once. Any number of calls before it count as one. */
  wake(): void;

  /**
   * Starts afresh with `interests` and nothing else, for a poller that may go on watching what it was not told to watch
   * any more: epoll keeps a file whose fd is closed while a duplicate of the fd is open, and then cannot be told to let
   * go. The manager calls it when an event has come that nobody can be meant by.
   *
   * An interest whose fd is closed, or is another file than when it was added, is left out.
   *
   * @throws Any error, if it could not be done. Everything is as before then.
   */
  rebuild?(interests: readonly Interest[]): void;

  /**
   * Has the event loop of the host call `onReady` whenever a wait would not block: something is ready, or the poller
   * was woken. A poller without it can only be waited on in a loop.
   *
   * @param onReady - Waits without a timeout. What it throws is the host's, as an uncaught exception.
   * @param interests - Everything that is watched at this moment, for a poller that watches some files in another way
   * while it is attached.
   * @returns Referenced at first.
   */
  attach?(onReady: () => void, interests: Iterable<Interest>): Attachment;

  /**
   * Called when the next wait has something to do without a call of {@link Poller.wait}: a wait has ended before every
   * event of its batch was delivered, since a callback threw or a `dispatch` ended early; or it has a rejection to throw. A poller that another event loop can watch
   * reports itself ready until then.
   */
  onLeftovers?(): void;

  /** Frees what the poller holds, and detaches it. A second call does nothing. Nothing else is called after it. */
  close(): void;
}
