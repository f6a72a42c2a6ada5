import type { Conversation } from '../plan.ts';
import { Random } from './random.ts';

/** The first byte of a client. When it comes back, the server has accepted the client. */
const GREETING_BYTES = 1;

/** What a client sends: its progress, and when the next message is due. */
export class Speech {
  readonly #conversation: Conversation;
  readonly #random: Random;
  /** The client resets the connection when this number of messages is left. */
  readonly #resetAt: number;
  #isBegun = false;
  /** The number of messages that are not started. */
  #messagesLeft: number;
  /** The end of the message that was started last. */
  #messageEnd = GREETING_BYTES;
  #sent = 0;

  constructor(conversation: Conversation, seed: number) {
    this.#conversation = conversation;
    this.#random = new Random(seed);
    this.#messagesLeft = conversation.messages;
    this.#resetAt = Math.floor(this.#random.fraction() * conversation.messages);
  }

  /** The number of sent bytes. */
  get sent(): number {
    return this.#sent;
  }

  /** The number of bytes that are left of the started messages. */
  get pending(): number {
    return this.#messageEnd - this.#sent;
  }

  /** Whether everything is sent. */
  get isOver(): boolean {
    return this.#isBegun && this.#messagesLeft === 0 && this.pending === 0;
  }

  /** Whether the client should reset the connection now. */
  get isBrokenOff(): boolean {
    return (
      this.#isBegun &&
      this.#conversation.ending === 'reset' &&
      this.pending === 0 &&
      this.#messagesLeft <= this.#resetAt
    );
  }

  /** Allows messages: the first byte has come back. */
  begin(): void {
    this.#isBegun = true;
  }

  /** Starts the next message if it is due. Returns whether there is something to send. */
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

  /** Records that this number of bytes has been sent. */
  shift(count: number): void {
    this.#sent += count;
  }
}
