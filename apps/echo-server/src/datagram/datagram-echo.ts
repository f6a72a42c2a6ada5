import { EventSet, type Registration } from '@em/core';
import { Count } from '../counters.js';
import { messageOf } from '../error-facts.js';
import type { PartContext } from '../part-context.js';
import type { Cancel, DatagramSocket } from '../ports.js';
import type { AnswerBudget } from './answer-budget.js';
import { LateAnswers } from './late-answers.js';
import type { Peers } from './peers.js';

/** Limited so that a flood of messages does not delay the connections. */
const MESSAGES_PER_EVENT = 64;
/** Maximum number of waiting messages that are answered at the end. */
const LAST_MESSAGES = 4096;
/** The pause after receiving has failed. The socket may stay ready, which would be a busy loop. */
const PAUSE_MS = 1000;
/** The period of attempts to send an answer that would block, if the socket does not report when there is room. */
const RETRY_MS = 10;
/** A client that takes nothing for five seconds loses the answers that wait for it. */
const MAX_RETRIES = 500;

/**
 * Sends every message back to its sender, as one message.
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
  /** Whether OUT can be used: an EXCLUSIVE interest cannot be changed. */
  readonly #reportsRoom: boolean;
  #cancel: Cancel | undefined;
  #isFinished = false;

  /**
   * @param socket - Closed by {@link DatagramEcho.close}.
   * @param budget - Shared by all sockets of a server.
   * @param isShared - Whether other threads receive from the same socket, so that the kernel should wake only one of them.
   * @throws The same as `manager.add`. The socket stays open then.
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
    this.#reportsRoom = peers.reportsRoom && !isShared;
    const events = isShared ? EventSet.IN | EventSet.EXCLUSIVE : EventSet.IN;
    const onReady = (ready: EventSet): void => this.#onReady(ready);
    this.#registration = context.manager.add(socket, events, onReady, { label: 'datagrams', own: true });
  }

  /** Whether no answer waits to be sent. */
  get isIdle(): boolean {
    return this.#late.isEmpty;
  }

  /** Answers the messages that wait already, and receives no more. Answers that would block are sent when there is room. */
  finish(): void {
    this.#receive(LAST_MESSAGES);
    this.#isFinished = true;
    if (this.#late.isEmpty) {
      this.close();
    } else if (this.#reportsRoom) {
      this.#registration.modify(EventSet.OUT);
    } else {
      this.#registration.pause();
    }
  }

  /** Closes the socket, and drops answers that wait. A second call does nothing. */
  close(): void {
    this.#cancel?.();
    this.#context.counters.add(Count.DATAGRAMS_DROPPED, this.#late.clear());
    this.#registration.delete();
  }

  #onReady(events: EventSet): void {
    if ((events & EventSet.OUT) !== 0) {
      this.#flush();
    }
    // Receiving throws the error of an ERROR event, which clears it.
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

  /** Returns `false` if it would block. A client that is gone, or out of reach, does not stop the others. */
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
    if (this.#reportsRoom) {
      this.#setInterest(this.#isFinished ? EventSet.OUT : EventSet.IN | EventSet.OUT);
    } else {
      this.#cancel?.();
      this.#cancel = this.#context.timers.after(RETRY_MS, () => this.#flush());
    }
  }

  #flush(): void {
    const maxRetries = this.#reportsRoom ? Number.POSITIVE_INFINITY : MAX_RETRIES;
    const dropped = this.#late.flush((peer, answer) => this.#send(peer, answer, answer.length), maxRetries);
    this.#context.counters.add(Count.DATAGRAMS_DROPPED, dropped);
    if (!this.#late.isEmpty) {
      this.#waitForRoom();
      return;
    }
    if (this.#isFinished) {
      this.close();
    } else if (this.#reportsRoom) {
      this.#setInterest(EventSet.IN);
    }
    this.#context.onIdle();
  }

  #setInterest(events: EventSet): void {
    if (this.#registration.events !== events) {
      this.#registration.modify(events);
    }
  }

  #pause(error: unknown): void {
    this.#context.log.warn('datagrams must wait', { reason: messageOf(error) });
    this.#registration.pause();
    this.#cancel?.();
    this.#cancel = this.#context.timers.after(PAUSE_MS, () => this.#resume());
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
