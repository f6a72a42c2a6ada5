import { type EventManager, EventSet, type Registration } from '@em/core';
import type { Conversation } from '../plan.ts';
import { addFailure, type Tally } from '../tally.ts';
import { MAX_BYTES, type SeededBytes } from './seeded-bytes.ts';
import { Speech } from './speech.ts';

/** A connection, perhaps not established yet. */
export interface ClientSocket {
  readonly fd: number;
  send(buffer: Uint8Array, offset: number, length: number): number | undefined;
  receive(buffer: Uint8Array, offset: number, length: number): number | undefined;
  shutdownWrite(): void;
  takeError(): Error | undefined;
  close(): void;
  /** Closes it with a reset. */
  reset(): void;
}

/** What the clients of a process share. */
export interface ClientContext {
  readonly manager: EventManager;
  readonly bytes: SeededBytes;
  /** Has {@link MAX_BYTES}. A client uses it only for a read. */
  readonly buffer: Buffer;
  readonly tally: Tally;
  /** Whether the server is being stopped, and may end connections. */
  readonly isStopping: () => boolean;
  /** Called once per client, when its first byte has come back. */
  readonly onGreeted: (client: EchoClient) => void;
  /** Called once per client, when nothing more happens on it unless it is released. */
  readonly onFinished: (client: EchoClient) => void;
  /** Called once per client, when it has ended. */
  readonly onEnd: (client: EchoClient) => void;
}

const READ = EventSet.IN | EventSet.READ_HANG_UP;

/** A client. It sends the bytes of its stream, and compares the answer with them, byte by byte. */
export class EchoClient {
  readonly #context: ClientContext;
  readonly #conversation: Conversation;
  readonly #seed: number;
  readonly #socket: ClientSocket;
  readonly #registration: Registration;
  readonly #speech: Speech;
  #echoed = 0;
  #isConnected = false;
  #isReading = true;
  #isBlocked = true;
  #isFinished = false;
  /** Whether it has ended its half. */
  #isSilent = false;
  #isOver = false;
  #stall: NodeJS.Timeout | undefined;

  constructor(context: ClientContext, conversation: Conversation, seed: number, socket: ClientSocket) {
    this.#context = context;
    this.#conversation = conversation;
    this.#seed = seed;
    this.#speech = new Speech(conversation, seed);
    this.#socket = socket;
    this.#registration = context.manager.add(socket.fd, EventSet.OUT, (events) => this.#onReady(events));
  }

  get isGreeted(): boolean {
    return this.#echoed > 0;
  }

  /** Starts to send messages. */
  go(): void {
    const { stallMs, ending } = this.#conversation;
    this.#speech.begin();
    this.#isReading = stallMs === 0 && ending !== 'mute';
    this.#guard(() => this.#say());
  }

  /** Ends the client, if it is held. */
  release(): void {
    if (this.#conversation.ending === 'mute') {
      this.#context.tally.stuck++;
      this.#end();
    } else if (this.#isFinished && !this.#isSilent) {
      this.#guard(() => this.#fallSilent());
    }
  }

  #onReady(events: EventSet): void {
    this.#guard(() => {
      if ((events & EventSet.ERROR) !== 0) {
        this.#fail(this.#socket.takeError()?.message ?? 'an error');
        return;
      }
      this.#isConnected = true;
      if (this.#isReading && (events & (READ | EventSet.HANG_UP)) !== 0) {
        this.#receive();
      }
      // A server that has ended its half does not read any more.
      if (!this.#isOver && (events & EventSet.READ_HANG_UP) === 0) {
        this.#say();
      }
    });
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fail((error as Error).message);
    }
  }

  #receive(): void {
    const { buffer, bytes, tally, onGreeted } = this.#context;
    const length = this.#socket.receive(buffer, 0, MAX_BYTES);
    if (length === undefined) {
      return;
    }
    if (length === 0) {
      this.#onEndOfStream();
      return;
    }
    if (this.#echoed + length > this.#speech.sent || !bytes.isThere(this.#seed, this.#echoed, buffer, length)) {
      this.#fail('the answer differs from the bytes that were sent');
      return;
    }
    const { isGreeted } = this;
    this.#echoed += length;
    tally.bytes += length;
    if (!isGreeted) {
      tally.greeted++;
      onGreeted(this);
    }
  }

  #onEndOfStream(): void {
    const { tally, isStopping } = this.#context;
    const isAll = this.#echoed === this.#speech.sent;
    if (isAll && this.#isSilent) {
      tally.whole++;
      tally.messages += this.#conversation.messages;
      this.#end();
    } else if (isAll && isStopping()) {
      tally.early++;
      this.#end();
    } else {
      this.#fail('the server ended the connection');
    }
  }

  /** Sends as much as possible, then decides what to do next. */
  #say(): void {
    const { bytes } = this.#context;
    const speech = this.#speech;
    while (this.#isConnected && !speech.isBrokenOff && speech.advance(this.#echoed)) {
      const length = Math.min(speech.pending, MAX_BYTES);
      const start = bytes.make(this.#seed, speech.sent, length);
      const taken = this.#socket.send(bytes.bytes, start, length) ?? 0;
      speech.shift(taken);
      this.#isBlocked = taken < length;
      if (this.#isBlocked) {
        break;
      }
    }
    this.#goOn();
  }

  #goOn(): void {
    const { ending, stallMs } = this.#conversation;
    if (this.#speech.isBrokenOff) {
      this.#context.tally.resets++;
      this.#end('reset');
      return;
    }
    const isStuck = this.#isBlocked || this.#speech.isOver;
    if (!this.#isReading && isStuck && stallMs > 0) {
      this.#stall ??= setTimeout(() => this.#readAgain(), stallMs);
    } else if (!this.#isReading && isStuck) {
      this.#finish();
    }
    if (this.#speech.isOver && !this.#isSilent && ending !== 'mute') {
      this.#sayNoMore();
    }
    this.#listen();
  }

  #sayNoMore(): void {
    const { ending, isHeld } = this.#conversation;
    if (ending === 'half-close') {
      this.#fallSilent();
    } else if (this.#echoed === this.#speech.sent && !this.#isFinished) {
      this.#context.tally.served++;
      this.#finish();
      if (!isHeld) {
        this.#fallSilent();
      }
    }
  }

  #readAgain(): void {
    this.#isReading = true;
    this.#guard(() => this.#listen());
  }

  #finish(): void {
    if (!this.#isFinished) {
      this.#isFinished = true;
      this.#context.onFinished(this);
    }
  }

  #fallSilent(): void {
    this.#isSilent = true;
    this.#socket.shutdownWrite();
  }

  #listen(): void {
    const events =
      (this.#isReading && this.#isConnected ? READ : EventSet.EMPTY) |
      (this.#isBlocked ? EventSet.OUT : EventSet.EMPTY);
    const registration = this.#registration;
    if (events === EventSet.EMPTY) {
      registration.pause();
      return;
    }
    if (registration.events !== events) {
      registration.modify(events);
    }
    if (registration.paused) {
      registration.resume();
    }
  }

  #fail(reason: string): void {
    if (this.#isOver) {
      return;
    }
    const { tally, isStopping } = this.#context;
    if (this.#conversation.ending === 'mute' && isStopping()) {
      tally.stuck++;
    } else if (this.isGreeted) {
      const { fd } = this.#registration;
      addFailure(
        tally,
        `${this.#conversation.ending} client (fd ${fd}): ${reason}, at ${this.#echoed} of ${this.#speech.sent} bytes`,
      );
    } else {
      tally.refused++;
    }
    this.#end();
  }

  #end(how: 'close' | 'reset' = 'close'): void {
    this.#isOver = true;
    clearTimeout(this.#stall);
    this.#registration.delete();
    this.#socket[how]();
    this.#context.onEnd(this);
  }
}
