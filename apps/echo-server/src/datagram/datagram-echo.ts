import { EventSet, type Registration, type Timer } from '@em/core';
import type { PartContext } from '../context.js';
import { Count } from '../counters.js';
import { messageOf } from '../errors.js';
import type { AnswerBudget } from './answer-budget.js';
import { BatchSize } from './batch-size.js';
import { LateAnswers } from './late-answers.js';
import type { DatagramSocket, PeerBatch, Peers } from './peers.js';

/** Maximum number of waiting messages that are answered at the end. */
const LAST_MESSAGES = 4096;
/** The pause after receiving has failed. The socket may stay ready, which would be a busy loop. */
const PAUSE_MS = 1000;
/** The period of attempts to send an answer that would block, if the socket does not report when there is room. */
const RETRY_MS = 10;
/** A client that takes nothing for five seconds loses the answers that wait for it. */
const MAX_FLUSHES = 500;

/**
 * Sends every message back to its sender, as one message. Receives and sends many messages at once. An entry of the batch
 * can be several datagrams of one sender, and is sent as it was received.
 *
 * ```text
 *   receive a batch ──► send it ──would block──► LateAnswers ──OUT, or a timer──► send
 * ```
 */
export class DatagramEcho<Peer, Batch extends PeerBatch<Peer>> {
  readonly #context: PartContext;
  readonly #socket: DatagramSocket<Peer, Batch>;
  readonly #batch: Batch;
  readonly #size: BatchSize;
  readonly #peers: Peers<Peer, Batch>;
  readonly #budget: AnswerBudget;
  readonly #late: LateAnswers<Peer>;
  readonly #registration: Registration;
  #retry: Timer | undefined;
  #resumption: Timer | undefined;
  #isFinished = false;

  /**
   * @param socket - Closed by {@link DatagramEcho.close}.
   * @param batch - May be shared by all sockets of a thread: nothing stays in it.
   * @param budget - Shared by all sockets of a server.
   * @throws The same as `manager.add`. The socket stays open then.
   */
  constructor(
    context: PartContext,
    socket: DatagramSocket<Peer, Batch>,
    batch: Batch,
    peers: Peers<Peer, Batch>,
    budget: AnswerBudget,
  ) {
    this.#context = context;
    this.#socket = socket;
    this.#batch = batch;
    this.#size = new BatchSize(batch.capacity);
    this.#peers = peers;
    this.#budget = budget;
    this.#late = new LateAnswers(context.memory, context.limits.bufferBytes);
    const onReady = (ready: EventSet): void => this.#onReady(ready);
    this.#registration = context.manager.add(socket, EventSet.IN, onReady, { label: 'datagrams', own: true });
  }

  /** Whether no answer waits to be sent. */
  get isIdle(): boolean {
    return this.#late.isEmpty;
  }

  /** Answers the messages that wait already, and receives no more. Answers that would block are sent when there is room. */
  finish(): void {
    this.#receiveLast();
    this.#isFinished = true;
    if (this.#late.isEmpty) {
      this.close();
    } else if (this.#peers.reportsRoom) {
      this.#registration.modify(EventSet.OUT);
    } else {
      this.#registration.pause();
    }
  }

  /** Closes the socket, and drops answers that wait. A second call does nothing. */
  close(): void {
    this.#retry?.cancel();
    this.#resumption?.cancel();
    this.#context.counters.add(Count.datagramsDropped, this.#late.clear());
    this.#registration.delete();
  }

  #onReady(events: EventSet): void {
    if ((events & EventSet.OUT) !== 0) {
      this.#flush();
    }
    // Receiving throws the error of an ERROR event, which clears it.
    if ((events & ~EventSet.OUT) !== 0 && !this.#isFinished) {
      this.#receive();
    }
  }

  /** Receives one batch, so that a flood of messages does not delay the connections. Returns the number of entries. */
  #receive(): number {
    const { wanted } = this.#size;
    try {
      const count = this.#socket.receiveMany(this.#batch, wanted) ?? 0;
      this.#size.adapt(count, this.#answer(count));
      return count;
    } catch (error) {
      this.#pause(error);
      return 0;
    }
  }

  #receiveLast(): void {
    let entries = 0;
    for (let count = this.#receive(); count > 0 && entries < LAST_MESSAGES; count = this.#receive()) {
      entries += count;
    }
  }

  /** Answers the first entries of the batch. Returns the number of bytes in them. */
  #answer(count: number): number {
    const { counters } = this.#context;
    let datagrams = 0;
    let bytes = 0;
    let start = 0;
    for (let index = 0; index < count; index++) {
      const length = this.#batch.lengthAt(index);
      bytes += length;
      datagrams += this.#datagramsAt(index, length);
      if (!this.#isForSending(index)) {
        this.#send(start, index);
        start = index + 1;
      }
    }
    this.#send(start, count);
    counters.add(Count.datagramsReceived, datagrams);
    counters.add(Count.bytesReceived, bytes);
    return bytes;
  }

  /** Whether an entry is to be sent: if not, it was dropped, or must wait. May drop some of its datagrams. */
  #isForSending(index: number): boolean {
    const datagrams = this.#datagramsAt(index, this.#batch.lengthAt(index));
    const source = this.#batch.truncatedAt(index) ? -1 : this.#peers.sourceAt(this.#batch, index, this.#budget.seed);
    const allowed = source < 0 ? 0 : this.#budget.take(source, datagrams, () => this.#keyAt(index));
    if (allowed < datagrams) {
      this.#context.counters.add(Count.datagramsDropped, datagrams - allowed);
      this.#batch.setLengthAt(index, allowed * this.#peers.segmentBytesAt(this.#batch, index));
    }
    if (allowed === 0 || !this.#mustWait(index)) {
      return allowed > 0;
    }
    this.#keep(index);
    return false;
  }

  /** Whether an answer for this client waits already. */
  #mustWait(index: number): boolean {
    return !this.#late.isEmpty && this.#late.hasFor(this.#keyAt(index));
  }

  /** Sends entries of the batch. Keeps those that would block. A client that is gone does not stop the others. */
  #send(start: number, end: number): void {
    for (let index = start; index < end; ) {
      // After one has blocked, others for the same client must wait as well.
      const isAlone = !this.#late.isEmpty;
      if (index > start && isAlone && this.#mustWait(index)) {
        this.#keep(index);
        index++;
        continue;
      }
      index += this.#sendSome(index, isAlone ? index + 1 : end);
    }
  }

  /** Returns the number of entries that were sent, dropped or kept: at least 1. */
  #sendSome(start: number, end: number): number {
    const length = this.#batch.lengthAt(start);
    try {
      const count = this.#socket.sendMany(this.#batch, end - start, start);
      if (count !== undefined) {
        this.#countSent(start, start + count);
        return count;
      }
      // It may have sent some datagrams of the entry, and left the others.
      const sent = length - this.#batch.lengthAt(start);
      this.#count(sent > 0 ? this.#datagramsAt(start, sent) : 0, sent);
      this.#keep(start);
    } catch (error) {
      this.#dropped(this.#datagramsAt(start, this.#batch.lengthAt(start)), error);
    }
    return 1;
  }

  /** Keeps the datagrams of an entry until there is room. */
  #keep(index: number): void {
    const { bytes } = this.#batch;
    const peer = this.#batch.peerAt(index);
    const length = this.#batch.lengthAt(index);
    const size = this.#peers.segmentBytesAt(this.#batch, index) || length;
    const from = this.#batch.offsetAt(index);
    const end = from + length;
    for (let at = from, isFirst = true; peer !== undefined && (at < end || isFirst); at += size, isFirst = false) {
      if (this.#late.keep(this.#peers.keyOf(peer), peer, bytes.subarray(at, Math.min(at + size, end)))) {
        this.#waitForRoom();
      } else {
        this.#context.counters.add(Count.datagramsDropped, 1);
      }
    }
  }

  /** The number of datagrams that the first `length` bytes of an entry are. */
  #datagramsAt(index: number, length: number): number {
    const size = this.#peers.segmentBytesAt(this.#batch, index);
    return size === 0 || length === 0 ? 1 : Math.ceil(length / size);
  }

  #keyAt(index: number): string {
    const peer = this.#batch.peerAt(index);
    return peer === undefined ? '' : this.#peers.keyOf(peer);
  }

  #countSent(start: number, end: number): void {
    let datagrams = 0;
    let bytes = 0;
    for (let index = start; index < end; index++) {
      const length = this.#batch.lengthAt(index);
      datagrams += this.#datagramsAt(index, length);
      bytes += length;
    }
    this.#count(datagrams, bytes);
  }

  #count(datagrams: number, bytes: number): void {
    this.#context.counters.add(Count.datagramsSent, datagrams);
    this.#context.counters.add(Count.bytesSent, bytes);
  }

  #dropped(datagrams: number, error: unknown): void {
    this.#context.counters.add(Count.datagramsDropped, datagrams);
    this.#context.log.debug('a datagram was not answered', { reason: messageOf(error) });
  }

  /** Sends an answer that has waited. Returns `false` if it would block. */
  #sendLate(peer: Peer, answer: Uint8Array): boolean {
    try {
      if (this.#socket.sendTo(peer, answer, 0, answer.length) === undefined) {
        return false;
      }
      this.#count(1, answer.length);
    } catch (error) {
      this.#dropped(1, error);
    }
    return true;
  }

  #waitForRoom(): void {
    if (this.#peers.reportsRoom) {
      this.#setInterest(this.#isFinished ? EventSet.OUT : EventSet.IN | EventSet.OUT);
    } else {
      // An answer that comes meanwhile does not put off the retry of the others.
      this.#retry ??= this.#context.manager.after(RETRY_MS, () => this.#flush());
    }
  }

  #flush(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    const maxFlushes = this.#peers.reportsRoom ? Number.POSITIVE_INFINITY : MAX_FLUSHES;
    const dropped = this.#late.flush((peer, answer) => this.#sendLate(peer, answer), maxFlushes);
    this.#context.counters.add(Count.datagramsDropped, dropped);
    if (!this.#late.isEmpty) {
      this.#waitForRoom();
      return;
    }
    if (this.#isFinished) {
      this.close();
    } else if (this.#peers.reportsRoom) {
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
    this.#resumption?.cancel();
    this.#resumption = this.#context.manager.after(PAUSE_MS, () => this.#resume());
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
