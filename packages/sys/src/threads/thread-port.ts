import type { MessagePort } from 'node:worker_threads';
import { EventManagerError } from '@em/core';
import { invalidType } from '@em/core/check';
import { FdOwner } from '@em/core/fd-owner';
import { checked } from '../addon/system-error.js';
import { workerThreads } from '../builtins.js';
import { guardAgainstLeaks, type LeakGuard } from '../fds/leak-guard.js';
import { type Introduction, takeIntroduction } from './thread-channel.js';
import { ThreadLink } from './thread-link.js';

/** A message: everything that can be cloned, except `undefined`, which stands for no message. */
export type ThreadMessage = NonNullable<unknown> | null;

const opened = new WeakSet<MessagePort>();

/**
 * One end of a {@link ThreadChannel}: `IN` while there are messages, `HANG_UP` once the other end is closed or its
 * thread has ended, with `ERROR` if it had messages left. A thread that blocks in `wait()` receives messages as well as one that uses `run()`.
 *
 * Messages arrive in order. It does not matter whether the other thread waits when you post, or has opened its end. A
 * level-triggered registration is called again while there are messages. So take one per call if other fds should have
 * their turn in between; if a callback throws, the messages that it did not take are still there.
 *
 * There is no limit to the number of messages that wait for a slow receiver. If there can be many, have it answer, and
 * post no more than it can handle.
 *
 * @typeParam Sent - What `post` accepts.
 * @typeParam Received - What you know the other end to post. It is not checked.
 * @throws EventManagerError `ERR_EM_CLOSED` from `fd`, `post` and `receive` once the object is closed.
 *
 * @example Ask a worker that blocks in wait()
 * ```ts
 * // The main thread
 * const { port1, port2 } = new ThreadChannel();
 * new Worker(program, { workerData: port2, transferList: [port2] });
 * using port = new ThreadPort<string, number>(port1);
 * port.post('how long is this?');
 * await manager.once(port, EventSet.IN);
 * console.log(port.receive());
 *
 * // The worker
 * using port = new ThreadPort<number, string>(workerData);
 * manager.add(port, EventSet.IN, () => {
 *   const text = port.receive();
 *   if (text !== undefined) {
 *     port.post(text.length);
 *   }
 * });
 * while (!port.ended) {
 *   manager.wait();
 * }
 * ```
 */
export class ThreadPort<
  Sent extends ThreadMessage = ThreadMessage,
  Received extends ThreadMessage = ThreadMessage,
> extends FdOwner {
  readonly #port: MessagePort;
  readonly #link: ThreadLink;
  readonly #leakGuard: LeakGuard;
  #hasEnded = false;

  /**
   * @param port - A port of a {@link ThreadChannel}. It belongs to this object from now on.
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if it is not a port of a `ThreadChannel`, or was opened before.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load;
   * `ERR_EM_CLOSED` if the other end is open in a thread that loaded another file of the addon.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files. You can open the port again later.
   */
  constructor(port: MessagePort) {
    super();
    if (!(port instanceof workerThreads().MessagePort) || opened.has(port)) {
      throw notAnEnd(port);
    }
    this.#port = port;
    this.#link = ThreadLink.open(port, () => introductionOf(port));
    this.#leakGuard = guardAgainstLeaks(this, this.#link);
  }

  /** An fd to wait on. Use it for nothing else. */
  get fd(): number {
    this.#assertOpen();
    return this.#link.fd;
  }

  /**
   * Whether the other end has ended, and `receive` has found that no message is left. Close the port then, because
   * `HANG_UP` is reported as long as it is registered.
   */
  get ended(): boolean {
    return this.#hasEnded;
  }

  /**
   * Sends a message. It is cloned as by `postMessage` of Node: a `SharedArrayBuffer` in it is shared.
   *
   * @param transfer - Objects in the message that are moved to the other thread instead, for example an `ArrayBuffer`.
   * You cannot use them afterwards.
   * @returns `false` if the other end has ended, and cannot receive the message. `true` does not mean that it will.
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if the message is `undefined`, or `transfer` is not an array.
   * @throws DataCloneError, a `DOMException`, if the message cannot be cloned, for example because it has a function in
   * it. Nothing is sent.
   */
  post(message: Sent, transfer: NonNullable<Parameters<MessagePort['postMessage']>[1]> = []): boolean {
    if (message === undefined) {
      throw invalidType('message', 'anything but undefined, which stands for no message', message);
    }
    if (!Array.isArray(transfer)) {
      throw invalidType('transfer', 'an array', transfer);
    }
    const moved = [...transfer];
    this.#assertOpen();
    if (this.#link.isHungUp) {
      return false;
    }
    this.#port.postMessage(message, moved);
    // The message may have getters, which can close the port.
    this.#assertOpen();
    return this.#link.signal();
  }

  /**
   * Takes the next message.
   *
   * @returns `undefined` if there is no message: it would block, or the other end has ended, and
   * {@link ThreadPort.ended} is `true`.
   */
  receive(): Received | undefined {
    this.#assertOpen();
    const received = this.#link.receive() ?? this.#link.receiveOrReset() ?? this.#receiveLast();
    return received?.message as Received | undefined;
  }

  protected override release(): void {
    this.#leakGuard.unregister(this);
    for (const result of this.#link.close()) {
      checked(result, 'close', this.#link.fd);
    }
  }

  #assertOpen(): void {
    if (this.closed) {
      throw new EventManagerError('ERR_EM_CLOSED', 'Cannot use this thread port: it is closed');
    }
  }

  /** Takes a message that was posted just before the other end has ended. */
  #receiveLast(): { readonly message: unknown } | undefined {
    if (!this.#link.isHungUp) {
      return undefined;
    }
    const last = this.#link.receive();
    this.#hasEnded = last === undefined;
    return last;
  }
}

function introductionOf(port: MessagePort): Introduction {
  const introduction = takeIntroduction(port);
  if (introduction === undefined) {
    throw notAnEnd(port);
  }
  opened.add(port);
  return introduction;
}

function notAnEnd(value: unknown): TypeError {
  return invalidType('port', 'a port of a ThreadChannel that was not opened before', value);
}
