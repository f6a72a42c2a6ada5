import { type EventManager, EventSet } from '@em/core';
import type { DatagramPlan } from '../plan.ts';
import { addFailure, type Tally } from '../tally.ts';
import { Countdown } from './countdown.ts';
import { mix } from './random.ts';
import { SeededBytes } from './seeded-bytes.ts';

/** A socket that exchanges datagrams only with the server. */
export interface SenderSocket {
  readonly fd: number;
  /** `undefined` if it would block. */
  send(buffer: Uint8Array, offset: number, length: number): number | undefined;
  receive(buffer: Uint8Array): number | undefined;
}

/** What {@link Senders} work with. */
export interface SendersContext {
  readonly manager: EventManager;
  readonly tally: Tally;
  readonly dial: () => SenderSocket;
  readonly onMilestone: (milestone: 'ready' | 'finished' | 'done') => void;
}

/** The most that a datagram counts for in a queue of the kernel, which adds a header and rounds up. */
function costOf(length: number): number {
  return 2 * length + 2304;
}

/** A source of datagrams. One of its datagrams is under way. */
interface Sender {
  readonly socket: SenderSocket;
  readonly seed: number;
  readonly sizes: number[];
  /** The position of the datagram under way in the stream of this source. */
  position: number;
}

/**
 * Sources of datagrams that send at the same time. Each must get back its own datagrams and no others. Only as much is
 * under way as the queue of the server holds, so that none may be lost.
 */
export class Senders {
  readonly #context: SendersContext;
  readonly #plan: DatagramPlan;
  readonly #bytes = new SeededBytes();
  readonly #buffer = Buffer.alloc(64 * 1024);
  readonly #senders: Sender[];
  /** The sources that have datagrams left. The next one is last. */
  readonly #waiting: Sender[];
  readonly #unanswered: Countdown;
  #underwayBytes = 0;

  constructor(context: SendersContext, plan: DatagramPlan) {
    this.#context = context;
    this.#plan = plan;
    this.#unanswered = new Countdown(plan.sizes.length, () => this.#end());
    this.#senders = Array.from({ length: plan.clients }, (_, i) => this.#open(i));
    this.#waiting = [...this.#senders];
  }

  start(): void {
    this.#context.tally.greeted += this.#senders.length;
    this.#context.onMilestone('ready');
  }

  go(): void {
    this.#sendMore();
  }

  #open(index: number): Sender {
    const { clients, sizes, seed, firstClient } = this.#plan;
    const sender: Sender = {
      socket: this.#context.dial(),
      seed: mix(seed + mix(firstClient + index)),
      sizes: sizes.filter((_, i) => i % clients === index),
      position: 0,
    };
    this.#context.manager.add(sender.socket.fd, EventSet.IN, () => this.#receive(sender));
    return sender;
  }

  /** Sends from the next sources, as long as there is room for the next datagram. */
  #sendMore(): void {
    for (let sender = this.#waiting.at(-1); sender !== undefined; sender = this.#waiting.at(-1)) {
      const [length] = sender.sizes;
      if (length !== undefined) {
        if (this.#underwayBytes > 0 && this.#underwayBytes + costOf(length) > this.#plan.underwayBytes) {
          return;
        }
        this.#send(sender, length);
      }
      this.#waiting.pop();
    }
  }

  #send(sender: Sender, length: number): void {
    const start = this.#bytes.make(sender.seed, sender.position, length);
    this.#underwayBytes += costOf(length);
    if (sender.socket.send(this.#bytes.bytes, start, length) === undefined) {
      throw new Error('there is no room for a datagram although its source has none under way');
    }
  }

  #receive(sender: Sender): void {
    const { tally } = this.#context;
    const length = sender.socket.receive(this.#buffer);
    if (length === undefined) {
      return;
    }
    const expected = sender.sizes.shift();
    if (length !== expected || !this.#bytes.isThere(sender.seed, sender.position, this.#buffer, length)) {
      addFailure(tally, `a datagram of ${length} bytes differs from the one of ${expected} bytes that was sent`);
    } else {
      tally.messages++;
      tally.bytes += length;
    }
    sender.position += length;
    this.#underwayBytes -= costOf(expected ?? 0);
    this.#waiting.unshift(sender);
    this.#unanswered.count();
    this.#sendMore();
  }

  #end(): void {
    this.#context.tally.whole += this.#senders.length;
    this.#context.onMilestone('finished');
    this.#context.onMilestone('done');
  }
}
