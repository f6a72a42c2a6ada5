import type { Conversation } from '../plan.ts';
import { Random } from './random.ts';

/** The first byte, by which it is known that the server has accepted. */
const GREETING_BYTES = 1;

/** What a client has to say: how far it has come, and when it goes on. */
export class Speech {
  readonly #conversation: Conversation;
  readonly #random: Random;
  /** It resets the connection when so many messages are left. */
  readonly #resetAt: number;
  #isBegun = false;
  /** How many messages are yet to be begun. */
  #messagesLeft: number;
  /** Where the message ends that was begun last. */
  #messageEnd = GREETING_BYTES;
  #sent = 0;

  constructor(conversation: Conversation, seed: number) {
    this.#conversation = conversation;
    this.#random = new Random(seed);
    this.#messagesLeft = conversation.messages;
    this.#resetAt = Math.floor(this.#random.fraction() * conversation.messages);
  }

  /** How many bytes are sent. */
  get sent(): number {
    return this.#sent;
  }

  /** How much is to be sent before there is another decision. */
  get pending(): number {
    return this.#messageEnd - this.#sent;
  }

  /** Whether there is nothing more to come. */
  get isOver(): boolean {
    return this.#isBegun && this.#messagesLeft === 0 && this.pending === 0;
  }

  /** Whether the connection is to be reset now. */
  get isBrokenOff(): boolean {
    return (
      this.#isBegun &&
      this.#conversation.ending === 'reset' &&
      this.pending === 0 &&
      this.#messagesLeft <= this.#resetAt
    );
  }

  /** The greeting has been answered: there may be more. */
  begin(): void {
    this.#isBegun = true;
  }

  /** Goes on to the next message, if it is time. Returns whether there is something to send. */
  advance(echoed: number): boolean {
    const { leastBytes, mostBytes, aheadBytes } = this.#conversation;
    if (this.pending > 0) {
      return true;
    }
    if (!this.#isBegun || this.#messagesLeft === 0 || this.#sent - echoed > aheadBytes) {
      return false;
    }
    this.#messagesLeft--;
    this.#messageEnd += this.#random.size(leastBytes, mostBytes);
    return true;
  }

  /** Notes that so many bytes have been sent. */
  shift(count: number): void {
    this.#sent += count;
  }
}
