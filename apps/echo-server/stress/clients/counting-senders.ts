import { type EventManager, EventSet } from '@em/core';
import type { CountedPlan } from '../plan.ts';
import { addFailure, type Tally } from '../tally.ts';
import { Countdown } from './countdown.ts';
import { mix, Random } from './random.ts';
import { SeededBytes } from './seeded-bytes.ts';
import type { SenderSocket } from './senders.ts';

/** What {@link CountingSenders} work with. */
export interface CountingContext {
  readonly manager: EventManager;
  readonly tally: Tally;
  readonly dial: (client: number) => SenderSocket;
  readonly onMilestone: (milestone: 'ready' | 'finished' | 'done') => void;
}

const NUMBER_BYTES = 4;
const MOST_BYTES = 1200;
/** The number of datagrams that a source has under way. */
const AHEAD = 4;
/** A source that gets no answer for this time sends more. A late answer still counts. */
const NUDGE_MS = 50;

/** A source of numbered datagrams. */
interface Source {
  readonly socket: SenderSocket;
  readonly seed: number;
  /** The numbers of the datagrams without an answer. */
  readonly missing: Set<number>;
  sent: number;
  underway: number;
  isNews: boolean;
  isOver: boolean;
}

/**
 * Sources that count the datagrams that come back, while the server may lose some. A server answers a source in order. So
 * a source that has sent enough ends when the answer to its last datagram arrives: all others that are missing are lost.
 */
export class CountingSenders {
  readonly #context: CountingContext;
  readonly #plan: CountedPlan;
  readonly #bytes = new SeededBytes();
  readonly #buffer = Buffer.alloc(64 * 1024);
  readonly #sources: readonly Source[];
  readonly #present: Countdown;

  constructor(context: CountingContext, plan: CountedPlan) {
    this.#context = context;
    this.#plan = plan;
    this.#sources = Array.from({ length: plan.clients }, (_, i) => this.#open(plan.firstClient + i));
    this.#present = new Countdown(plan.clients, () => this.#end());
  }

  start(): void {
    this.#context.tally.greeted += this.#sources.length;
    this.#context.onMilestone('ready');
  }

  go(): void {
    for (const source of this.#sources) {
      this.#sendMore(source);
    }
    this.#context.manager.every(NUDGE_MS, () => this.#nudge());
  }

  #open(client: number): Source {
    const source: Source = {
      socket: this.#context.dial(client),
      seed: mix(this.#plan.seed + mix(client)),
      missing: new Set(),
      sent: 0,
      underway: 0,
      isNews: false,
      isOver: false,
    };
    this.#context.manager.add(source.socket.fd, EventSet.IN, () => this.#receive(source));
    return source;
  }

  #sendMore(source: Source): void {
    while (source.underway < AHEAD && source.sent < this.#plan.datagrams && this.#send(source)) {
      source.underway++;
    }
  }

  /** Returns `false` if there is no room. */
  #send(source: Source): boolean {
    const { bytes } = this.#bytes;
    const length = this.#make(source, source.sent);
    if (source.socket.send(bytes, 0, length) === undefined) {
      return false;
    }
    source.missing.add(source.sent);
    source.sent++;
    return true;
  }

  /** Makes a datagram: its number, and bytes that no other has. Returns its length. */
  #make({ seed }: Source, number: number): number {
    const own = mix(seed + mix(number));
    const length = new Random(own).size(NUMBER_BYTES, MOST_BYTES);
    this.#bytes.make(own, 0, length);
    this.#bytes.bytes.writeUInt32BE(number);
    return length;
  }

  #receive(source: Source): void {
    const { tally } = this.#context;
    const length = source.socket.receive(this.#buffer);
    if (length === undefined || source.isOver) {
      return;
    }
    const number = length < NUMBER_BYTES ? Number.NaN : this.#buffer.readUInt32BE();
    if (!source.missing.delete(number)) {
      addFailure(tally, `an answer of ${length} bytes has the number ${number}, which is not missing`);
      return;
    }
    const sentBytes = this.#make(source, number);
    if (this.#bytes.bytes.compare(this.#buffer, 0, length, 0, sentBytes) !== 0) {
      addFailure(tally, `answer ${number} of ${length} bytes differs from the ${sentBytes} bytes that were sent`);
      return;
    }
    tally.messages++;
    tally.bytes += length;
    source.isNews = true;
    source.underway = Math.max(0, source.underway - 1);
    if (source.sent >= this.#plan.datagrams && number === source.sent - 1) {
      this.#close(source);
    } else {
      this.#sendMore(source);
    }
  }

  #nudge(): void {
    for (const source of this.#sources.filter(({ isOver }) => !isOver)) {
      if (!source.isNews) {
        source.underway = 0;
        this.#sendMore(source);
        if (source.sent >= this.#plan.datagrams) {
          this.#send(source);
        }
      }
      source.isNews = false;
    }
  }

  #close(source: Source): void {
    const { tally } = this.#context;
    source.isOver = true;
    tally.lost += source.missing.size;
    tally.whole += source.missing.size === 0 ? 1 : 0;
    this.#present.count();
  }

  #end(): void {
    this.#context.onMilestone('finished');
    this.#context.onMilestone('done');
  }
}
