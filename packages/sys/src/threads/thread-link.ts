import { constants } from 'node:os';
import type { MessagePort } from 'node:worker_threads';
import { EventManagerError, EventSet } from '@em/core';
import { type Binding, binding, type SharedWords } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';
import { workerThreads } from '../builtins.js';
import type { Forgotten } from '../fds/leak-guard.js';
import { openUnixPair } from '../sockets/open-socket.js';
import type { Introduction } from './thread-channel.js';

const { EPIPE, EXDEV } = constants.errno;

const SIGNAL = new Uint8Array(1);
/** Receives signals. More than two are never on their way. */
const signals = new Uint8Array(2);

// What the word of an end can be.
const NOT_SIGNALLED = 0;
const SIGNALLED = 1;

/** A message that was received. */
interface Received {
  readonly message: unknown;
}

/**
 * The connection of one end of a channel. The ports of Node carry the messages. Beside them, a pair of sockets makes the
 * ends readable while there are messages, and reports HANG_UP when the other end is closed or its thread ends.
 *
 * An end that posts puts the message into the port first. Then it changes the word of the other end from 0 to 1, and
 * writes one byte, the signal; if the word was 1 already, it writes nothing. An end that has no message left changes its
 * word back to 0, and reads one signal for that. It reads no more, because the next signal may be for a later message.
 *
 * A link holds no reference to its `ThreadPort`, so that it can be closed once that is garbage-collected.
 */
export class ThreadLink implements Forgotten {
  readonly fd: number;
  readonly #native: Binding;
  readonly #port: MessagePort;
  readonly #take = workerThreads().receiveMessageOnPort;
  readonly #words: SharedWords;
  readonly #mine: number;
  readonly #theirs: number;
  /** Number of signals to read. The other end may not have written them yet. */
  #owed = 0;
  #first: Received | undefined;

  private constructor(native: Binding, port: MessagePort, { words, end }: Introduction, fd: number) {
    this.#native = native;
    this.#port = port;
    this.#words = words;
    this.#mine = end;
    this.#theirs = 3 - end;
    this.fd = fd;
    endOfferWith(port, native, words);
    // If the other port is closed already, Node notices it here, and closes this one.
    this.#first = this.#take(port);
  }

  /**
   * @param introduce - Returns the introduction of the port, or throws.
   * @throws EventManagerError `ERR_EM_CLOSED` if the other end is open in a thread with another file of the addon.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files.
   */
  static open(port: MessagePort, introduce: () => Introduction): ThreadLink {
    const native = binding();
    const [near, far] = openUnixPair('SOCK_STREAM');
    try {
      const introduction = introduce();
      const fd = connect(native, near, far, introduction.words);
      return new ThreadLink(native, port, introduction, fd);
    } catch (error) {
      native.close(near);
      native.close(far);
      throw error;
    }
  }

  /** Whether the other end has ended. */
  get isHungUp(): boolean {
    return (this.#native.pollOnce(this.fd, EventSet.EMPTY) & EventSet.HANG_UP) !== 0;
  }

  /** Makes the other end readable. Call it after each message. Returns `false` if the other end has ended. */
  signal(): boolean {
    const former = Atomics.exchange(this.#words, this.#theirs, SIGNALLED);
    return former === SIGNALLED || this.#native.send(this.fd, SIGNAL, 0, SIGNAL.length) > 0;
  }

  /** Takes a message. */
  receive(): Received | undefined {
    const first = this.#first;
    this.#first = undefined;
    return first ?? this.#take(this.#port);
  }

  /** Takes a message, or makes this end unreadable. */
  receiveOrReset(): Received | undefined {
    const former = Atomics.exchange(this.#words, this.#mine, NOT_SIGNALLED);
    // A message that was posted before the exchange may have no signal of its own.
    const received = this.receive();
    if (received === undefined) {
      this.#owed += former;
      this.#readSignals();
    } else if (former === SIGNALLED && Atomics.exchange(this.#words, this.#mine, SIGNALLED) === SIGNALLED) {
      // The other end has signalled again in between.
      this.#owed++;
    }
    return received;
  }

  close(): number[] {
    this.#port.close();
    this.#native.closeSharedFd(this.#words);
    return [this.#native.close(this.fd)];
  }

  #readSignals(): void {
    if (this.#owed > 0) {
      const count = this.#native.recv(this.fd, signals, 0, Math.min(this.#owed, signals.length));
      this.#owed -= Math.max(count, 0);
    }
  }
}

/**
 * Connects two ends: the first one offers `far` to the other, which takes it. Closes what the end does not need.
 *
 * @returns The socket of this end.
 */
function connect(native: Binding, near: number, far: number, words: SharedWords): number {
  const fd = native.offerOrTakeFd(far, words);
  if (fd === far) {
    return near;
  }
  if (fd === -EXDEV) {
    const message = 'Cannot open the port: the thread of the other end loaded another copy of the addon of @em/sys';
    throw new EventManagerError('ERR_EM_CLOSED', message);
  }
  if (fd !== -EPIPE) {
    checked(fd, 'offerOrTakeFd');
    native.close(near);
  }
  native.close(far);
  // Without `far`, `near` reports HANG_UP: the other end was open, and has ended.
  return fd === -EPIPE ? near : fd;
}

/** Node closes a port when the other one is closed, open or not. So a thread that ends before it opens its end ends it. */
function endOfferWith(port: MessagePort, native: Binding, words: SharedWords): void {
  port.on('close', () => native.closeSharedFd(words));
}
