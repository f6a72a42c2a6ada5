import { EventSet, type Registration } from '@em/core';
import { Count } from '../counters.js';
import { messageOf } from '../error-facts.js';
import type { PartContext } from '../part-context.js';
import type { CallOff, DatagramSocket } from '../ports.js';
import type { AnswerBudget } from './answer-budget.js';
import { LateAnswers } from './late-answers.js';
import type { Peers } from './peers.js';

/** So that a flood of messages does not keep connections waiting. */
const MESSAGES_PER_EVENT = 64;
/** How many of those that are there already are still answered at the end. */
const LAST_MESSAGES = 4096;
/** How long to wait after receiving has failed: what failed stays ready, and would call for ever. */
const PAUSE_MS = 1000;
/** How often an answer that would have blocked is tried again where nothing tells when it no longer would. */
const RETRY_MS = 10;
/** A client that takes nothing for five seconds loses what waits for it. */
const MAX_RETRIES = 500;

/**
 * Sends every message back to whom it came from, whole and alone.
 *
 * ```text
 *   receive ──► send ──would block──► LateAnswers ──OUT, or a timer──► send
 * ```
 */
export class DatagramEcho<Peer> {
  readonly #context: PartContext;
  readonly #socket: DatagramSocket<Peer>;
  readonly #peers: Peers<Peer>;
  readonly #budget: AnswerBudget;
  readonly #buffer: Uint8Array;
  readonly #late: LateAnswers<Peer>;
  readonly #registration: Registration;
  /** Whether OUT can be asked for: an EXCLUSIVE interest is not to be changed. */
  readonly #tellsRoom: boolean;
  #callOff: CallOff | undefined;
  #isFinished = false;

  /**
   * @param socket - Closed with the echo.
   * @param budget - Shared by all sockets of a server.
   * @param isShared - Whether other threads receive from the same socket: the kernel then wakes one of them.
   * @throws What `manager.add` throws; the socket is then still open.
   */
  constructor(
    context: PartContext,
    socket: DatagramSocket<Peer>,
    peers: Peers<Peer>,
    budget: AnswerBudget,
    isShared: boolean,
  ) {
    this.#context = context;
    this.#socket = socket;
    this.#peers = peers;
    this.#budget = budget;
    this.#buffer = new Uint8Array(peers.maxBytes);
    this.#late = new LateAnswers(context.memory, context.limits.bufferBytes);
    this.#tellsRoom = peers.tellsRoom && !isShared;
    const events = isShared ? EventSet.IN | EventSet.EXCLUSIVE : EventSet.IN;
    const onReady = (ready: EventSet): void => this.#onReady(ready);
    this.#registration = context.manager.add(socket, events, onReady, { label: 'datagrams', own: true });
  }

  /** Whether nothing waits to be sent. */
  get isIdle(): boolean {
    return this.#late.isEmpty;
  }

  /** Answers what is there already, and receives no more. What would block then is still sent when it no longer does. */
  finish(): void {
    this.#receive(LAST_MESSAGES);
    this.#isFinished = true;
    if (this.#late.isEmpty) {
      this.close();
    } else if (this.#tellsRoom) {
      this.#registration.modify(EventSet.OUT);
    } else {
      this.#registration.pause();
    }
  }

  /** Closes the socket, whatever waits to be sent. A second call does nothing. */
  close(): void {
    this.#callOff?.();
    this.#context.counters.add(Count.DATAGRAMS_DROPPED, this.#late.clear());
    this.#registration.delete();
  }

  #onReady(events: EventSet): void {
    if ((events & EventSet.OUT) !== 0) {
      this.#flush();
    }
    // An ERROR is taken, and told of, by receiving.
    if ((events & ~EventSet.OUT) !== 0 && !this.#isFinished) {
      this.#receive(MESSAGES_PER_EVENT);
    }
  }

  #receive(most: number): void {
    const { counters } = this.#context;
    try {
      for (let i = 0; i < most; i++) {
        const datagram = this.#socket.receiveFrom(this.#buffer);
        if (datagram === undefined) {
          return;
        }
        const { length, truncated, from } = datagram;
        counters.add(Count.DATAGRAMS_RECEIVED, 1);
        counters.add(Count.BYTES_RECEIVED, length);
        if (truncated || from === undefined || !this.#peers.isClient(from)) {
          counters.add(Count.DATAGRAMS_DROPPED, 1);
        } else {
          this.#answer(from, this.#peers.keyOf(from), length);
        }
      }
    } catch (error) {
      this.#pause(error);
    }
  }

  #answer(peer: Peer, key: string, length: number): void {
    if (!this.#budget.take(key)) {
      this.#context.counters.add(Count.DATAGRAMS_DROPPED, 1);
      return;
    }
    if (!this.#late.hasFor(key) && this.#send(peer, this.#buffer, length)) {
      return;
    }
    if (this.#late.keep(key, peer, this.#buffer.subarray(0, length))) {
      this.#waitForRoom();
    } else {
      this.#context.counters.add(Count.DATAGRAMS_DROPPED, 1);
    }
  }

  /** Returns `false` if it would block. A client that is gone, or out of reach, is no reason to stop. */
  #send(peer: Peer, bytes: Uint8Array, length: number): boolean {
    const { counters, log } = this.#context;
    try {
      if (this.#socket.sendTo(peer, bytes, 0, length) === undefined) {
        return false;
      }
      counters.add(Count.DATAGRAMS_SENT, 1);
      counters.add(Count.BYTES_SENT, length);
    } catch (error) {
      counters.add(Count.DATAGRAMS_DROPPED, 1);
      log.debug('a datagram was not answered', { reason: messageOf(error) });
    }
    return true;
  }

  #waitForRoom(): void {
    if (this.#tellsRoom) {
      this.#listenFor(this.#isFinished ? EventSet.OUT : EventSet.IN | EventSet.OUT);
    } else {
      this.#callOff?.();
      this.#callOff = this.#context.timers.after(RETRY_MS, () => this.#flush());
    }
  }

  #flush(): void {
    const maxRetries = this.#tellsRoom ? Number.POSITIVE_INFINITY : MAX_RETRIES;
    const givenUp = this.#late.flush((peer, answer) => this.#send(peer, answer, answer.length), maxRetries);
    this.#context.counters.add(Count.DATAGRAMS_DROPPED, givenUp);
    if (!this.#late.isEmpty) {
      this.#waitForRoom();
      return;
    }
    if (this.#isFinished) {
      this.close();
    } else if (this.#tellsRoom) {
      this.#listenFor(EventSet.IN);
    }
    this.#context.onIdle();
  }

  #listenFor(events: EventSet): void {
    if (this.#registration.events !== events) {
      this.#registration.modify(events);
    }
  }

  #pause(error: unknown): void {
    this.#context.log.warn('datagrams must wait', { reason: messageOf(error) });
    this.#registration.pause();
    this.#callOff?.();
    this.#callOff = this.#context.timers.after(PAUSE_MS, () => this.#resume());
  }

  #resume(): void {
    try {
      this.#registration.resume();
    } catch (error) {
      this.#pause(error);
      return;
    }
    this.#flush();
  }
}
